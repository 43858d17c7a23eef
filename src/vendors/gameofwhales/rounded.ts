import { memberAt, NumberAsSent, parseWithLargeNumbers } from '../../kernel/json/as-sent.js'
import { brief } from '../../kernel/show.js'

/**
 * A warning of numbers in an event that JavaScript holds with other digits. Rows and replies have them as the vendor's service, a Node
 * program, would: rounded, or null beyond the range of a double. `text` is the body as sent; `takesText` returns true for the path of a
 * number in whose place a string is accepted.
 */
export function roundingWarnings(text: string | undefined, event: unknown, takesText: (path: readonly string[]) => boolean): string[] {
  if (text === undefined || !mayBeRounded(event)) return []
  const { first, count } = roundedIn(memberAt(parseWithLargeNumbers(text), ['event']))
  if (count === 0) return []
  const clauses = first.map(({ path, digits }) => `${nameOf(path)} is ${brief(digits)} and is kept as ${JSON.stringify(Number(digits))}`)
  const more = count > first.length ? ` and ${count - first.length} more` : ''
  const texts = first.filter(({ path }) => takesText(path)).map(({ path }) => nameOf(path))
  const advice = texts.length > 0 ? ` Send a string to keep those of ${texts.join(', ')}.` : ''
  return [`${clauses.join(', ')}${more}: JavaScript holds no more digits.${advice}`]
}

const mostNamed = 5

/** True if a value holds a number of which JavaScript may not have every digit. */
function mayBeRounded(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(mayBeRounded)
  return typeof value === 'number' && !Number.isSafeInteger(value)
}

/** Counts the numbers that are rounded and returns the first of them. Copies of the path at each level would exhaust time and memory. */
function roundedIn(event: unknown): { first: { path: string[]; digits: string }[]; count: number } {
  const first: { path: string[]; digits: string }[] = []
  let count = 0
  const path = ['event']
  const collect = (value: unknown): void => {
    if (value instanceof NumberAsSent) {
      if (count++ < mostNamed) first.push({ path: [...path], digits: value.digits })
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        path.push(name)
        collect(member)
        path.pop()
      }
    }
  }
  collect(event)
  return { first, count }
}

function nameOf(path: readonly string[]): string {
  return brief(path.join('.'))
}

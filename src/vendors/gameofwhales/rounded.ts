import { NumberAsSent, memberAt, parseWithLargeNumbers } from '../../kernel/json/as-sent.js'
import { brief } from '../../kernel/show.js'

/**
 * A warning of numbers in an event that JavaScript holds with other digits. Rows and replies have them as the vendor's service, a Node
 * program, would: rounded, or null beyond the range of a double. `text` is the body as sent.
 */
export function roundingWarnings(text: string | undefined, event: unknown): string[] {
  if (text === undefined || !mayBeRounded(event)) return []
  const found = roundedIn(memberAt(parseWithLargeNumbers(text), ['event']), 'event')
  if (found.length === 0) return []
  const more = found.length > mostNamed ? ` and ${found.length - mostNamed} more` : ''
  return [`${found.slice(0, mostNamed).join(', ')}${more}: JavaScript holds no more digits. Send a string to keep them.`]
}

const mostNamed = 5

/** True if a value holds a number of which JavaScript may not have every digit. */
function mayBeRounded(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(mayBeRounded)
  return typeof value === 'number' && !Number.isSafeInteger(value)
}

function roundedIn(value: unknown, path: string): string[] {
  if (value instanceof NumberAsSent) {
    return [`${brief(path)} is ${brief(value.digits)} and is kept as ${JSON.stringify(Number(value.digits))}`]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => roundedIn(member, `${path}.${name}`))
}

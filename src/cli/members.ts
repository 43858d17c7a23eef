import { nearestName } from '../kernel/nearest.js'
import { UsageError } from './usage.js'

/** Names of the members that can be given. */
export interface MemberNames {
  known: readonly string[]
  /** Shorter names that people try first, with the members they stand for. */
  aliases: Readonly<Record<string, string>>
  /** Says why a member is not taken, where that is not a typing mistake. */
  refusals?: Readonly<Record<string, string>>
}

/**
 * Reads members of a receipt from the words of a command line: `--package-name x`, `--packageName=x` and `packageName=x` are equal.
 *
 * @throws UsageError for a word that is not a member, or names one that does not exist
 */
export function readMembers(words: readonly string[], names: MemberNames): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const parts = /^(?:--)?([A-Za-z][\w-]*)=(.*)$/s.exec(word)
    if (parts) {
      keep(members, parts[1]!, parts[2]!, names)
      continue
    }
    const name = /^--([A-Za-z][\w-]*)$/.exec(word)?.[1]
    if (name === undefined) throw new UsageError(`"${word}" is not a member; write --name value or name=value.`)
    const next = words[at + 1]
    if (next === undefined || next.startsWith('--')) keep(members, name, 'true', names)
    else {
      keep(members, name, next, names)
      at++
    }
  }
  return members
}

function keep(members: Record<string, unknown>, name: string, text: string, names: MemberNames): void {
  const member = memberOf(name, names)
  members[member] = valueOf(member, text)
}

function memberOf(name: string, { known, aliases, refusals = {} }: MemberNames): string {
  const camel = name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase())
  const member = aliases[camel] ?? camel
  if (known.includes(member)) return member
  const why = refusals[member]
  if (why !== undefined) throw new UsageError(why)
  const nearest = nearestName(camel, [...known, ...Object.keys(aliases)])
  const advice = nearest === undefined ? '' : ` Did you mean ${nearest}?`
  throw new UsageError(`There is no member "${name}".${advice} Members: ${known.join(', ')}.`)
}

/** Members that are numbers; every other number-like text (transaction and order ids) stays a string. */
const numbers = new Set(['purchaseTime', 'purchaseState', 'quantity', 'version', 'price', 'priceMicros'])

function valueOf(member: string, text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  if (numbers.has(member) && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text)
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError(`${member} looks like JSON but is invalid: ${text.slice(0, 80)} Put it in single quotes, as in ${member}='[…]'.`)
  }
}

import { UsageError } from './usage-error.js'

/**
 * Members of a receipt from the words of a command line: `--package-name x`, `--packageName=x` and `packageName=x` say the same.
 *
 * @throws UsageError for a word that is none of these
 */
export function readMembers(words: readonly string[], aliases: Readonly<Record<string, string>>): Record<string, unknown> {
  const members: Record<string, unknown> = {}
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const parts = /^(?:--)?([A-Za-z][\w-]*)=(.*)$/s.exec(word)
    if (parts) {
      keep(members, parts[1]!, parts[2]!, aliases)
      continue
    }
    const name = /^--([A-Za-z][\w-]*)$/.exec(word)?.[1]
    if (name === undefined) throw new UsageError(`"${word}" is no member; write --name value or name=value.`)
    const next = words[at + 1]
    if (next === undefined || next.startsWith('--')) keep(members, name, 'true', aliases)
    else {
      keep(members, name, next, aliases)
      at++
    }
  }
  return members
}

function keep(members: Record<string, unknown>, name: string, text: string, aliases: Readonly<Record<string, string>>): void {
  const camel = name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase())
  const member = aliases[camel] ?? camel
  members[member] = valueOf(member, text)
}

/** Members that are numbers; every other number-like text (transaction and order ids) stays a text. */
const numbers = new Set(['purchaseTime', 'purchaseState', 'quantity', 'version'])

function valueOf(member: string, text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true'
  if (numbers.has(member) && /^-?\d+$/.test(text)) return Number(text)
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError(`${member} looks like JSON but is none: ${text.slice(0, 80)} Put it in single quotes, as in ${member}='[…]'.`)
  }
}

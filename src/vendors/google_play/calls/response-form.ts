import type { Reply } from '../../../kernel/reply.js'

/** Members that a partial response keeps, by name; `*` stands for every name. A member that no deeper name follows is kept whole. */
export type FieldMask = Map<string, FieldMask | 'all'>

/**
 * Reads the parameter `fields` of Google's APIs: names with commas between, `a/b` or `a.b` for a member of a member, `a(b,c)` for several.
 * Undefined if it is malformed.
 */
export function readFields(text: string): FieldMask | undefined {
  if (text.length > longest) return undefined
  const tokens = text.match(/[\w*-]+|[^\s\w*-]/g) ?? []
  let at = 0
  const list = (): FieldMask | undefined => {
    const mask: FieldMask = new Map()
    for (;;) {
      if (!path(mask)) return undefined
      if (tokens[at] !== ',') return mask
      at += 1
    }
  }
  const path = (mask: FieldMask): boolean => {
    const name = tokens[at]
    if (name === undefined || !/^[\w*-]+$/.test(name)) return false
    at += 1
    const known = mask.get(name)
    const inner: FieldMask = known instanceof Map ? known : new Map()
    const next = tokens[at]
    if (next === '/' || next === '.') {
      at += 1
      if (!path(inner)) return false
    } else if (next === '(') {
      at += 1
      const members = list()
      if (!members || tokens[at] !== ')') return false
      at += 1
      for (const [member, rest] of members) inner.set(member, rest)
    } else {
      mask.set(name, 'all')
      return true
    }
    if (known !== 'all') mask.set(name, inner)
    return true
  }
  const mask = list()
  return at === tokens.length ? mask : undefined
}

/** Longer than a list of every member, and short enough to be read by recursion. */
const longest = 2_000

/** Applies `fields` and `prettyPrint` to a JSON reply. */
export function inForm(reply: Reply, { fields, isPretty }: { fields: FieldMask | undefined; isPretty: boolean }): Reply {
  if ((!fields && !isPretty) || typeof reply.body !== 'string' || reply.body === '') return reply
  const value: unknown = JSON.parse(reply.body)
  return { ...reply, body: JSON.stringify(fields ? kept(value, fields) : value, null, isPretty ? 2 : undefined) }
}

function kept(value: unknown, mask: FieldMask): unknown {
  if (Array.isArray(value)) return value.map((one) => kept(one, mask))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).flatMap(([name, member]) => {
    const rest = mask.get(name) ?? mask.get('*')
    if (rest === undefined) return []
    return [[name, rest === 'all' ? member : kept(member, rest)] as const]
  })
  return Object.fromEntries(members)
}

import type { VendorTables } from '../../contract.js'
import { mostProperties, type ProfileEvent } from './events.js'
import { brief } from './shown.js'
import type { tables, User } from './tables.js'

/** Adds profile properties to a user: long texts are cut, and there is an end to how many are kept (SDK documents). */
export function keepProfile(_db: VendorTables<typeof tables>, user: User, { params }: ProfileEvent): { user: User; warnings: string[] } {
  const properties = { ...user.properties }
  const cut: string[] = []
  const dropped: string[] = []
  let room = mostProperties - Object.keys(properties).length
  for (const [name, value] of Object.entries(params)) {
    if (!Object.hasOwn(properties, name) && room-- <= 0) {
      dropped.push(name)
      continue
    }
    const kept = shortened(value)
    if (kept !== value) cut.push(name)
    properties[name] = kept
  }
  const warnings = [
    ...(cut.length > 0 ? [`Cut to ${longestText} characters: ${some(cut)}.`] : []),
    ...(dropped.length > 0 ? [`Not kept, as a user has at most ${mostProperties} properties: ${some(dropped)}.`] : []),
  ]
  return { user: { ...user, properties }, warnings }
}

const longestText = 64

/** Counts whole characters, so that no half of a pair stays behind. */
function shortened(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= longestText) return value
  return Array.from(value.slice(0, 2 * longestText))
    .slice(0, longestText)
    .join('')
}

function some(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => brief(name))
  return `${first.join(', ')}${names.length > first.length ? ` and ${names.length - first.length} more` : ''}`
}

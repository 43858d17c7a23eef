import { createHash } from 'node:crypto'
import type { VendorTables } from '../../contract.js'
import { roundedToCents, sumOf, unitsOf } from './money.js'
import type { tables, User } from './tables.js'

/** A user; `isNew` is true if this call created the row. */
export interface Entered {
  user: User
  isNew: boolean
}

/** Finds a user or creates the profile, as every method but `offers`, `futureOffers` and `ads` does (vendor pages). */
export async function enterUser(db: VendorTables<typeof tables>, game: string, user: string): Promise<Entered> {
  const known = await db.users.get(game, user)
  if (known) return { user: known, isNew: false }
  const created: User = { game, user, group: groupOf(user), revenue: 0 }
  db.users.put(created)
  return { user: created, isNew: true }
}

/** The `properties` of a reply: the three fixed ones win over custom ones of the same name. */
export function propertiesOf({ user, group, revenue, properties }: User): Record<string, unknown> {
  const fixed = { user, group: group ?? groupOf(user), revenue: roundedToCents(revenue ?? 0) }
  return properties ? { ...fixed, ...properties, ...fixed } : fixed
}

/** A user after a counted purchase of `price` (local price times 100); every currency counts one to one (our choice). */
export function withRevenue(user: User, price: number): User {
  // Fractions of a cent are kept, so that many tiny purchases add up.
  return { ...user, revenue: sumOf(user.revenue ?? 0, unitsOf(price)) }
}

/** A user for whom an illegal purchase was reported. */
export function asCheater(user: User): User {
  return user.cheater === true ? user : { ...user, cheater: true }
}

/** A letter derived from the user id, because the vendor does not publish its choice of groups. */
function groupOf(user: string): string {
  const [first = 0] = createHash('sha256').update(user).digest()
  return groups[first % groups.length]!
}

const groups = ['a', 'b', 'c', 'd'] as const

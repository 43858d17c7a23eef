import type { VendorTables } from '../../contract.js'
import { encryptPayload } from './payload-cipher.js'
import { shown } from './shown.js'
import type { Experiment, Game, tables, User } from './tables.js'

/** The experiment a user takes part in, and what a tester should know about the choice. */
export interface Participation {
  experiment: Experiment | undefined
  /** The user's row, with a confirmed experiment noted. */
  user: User
  warnings: string[]
}

/**
 * Places a user in an experiment: the one confirmed by `common.expId` now or before, else the first that is open to the user.
 * Experiments end by their row going away.
 */
export async function placeUser(db: VendorTables<typeof tables>, user: User, expId: string | undefined): Promise<Participation> {
  const open = (await db.experiments.where('byGame', user.game)).filter(({ users }) => !users || users.includes(user.user))
  const confirmed = expId === undefined ? undefined : open.find(({ id }) => id === expId)
  const experiment = confirmed ?? open.find(({ id }) => id === user.experiment) ?? open[0]
  if (confirmed && user.experiment !== confirmed.id) {
    const changed = { ...user, experiment: confirmed.id }
    db.users.put(changed)
    return { experiment, user: changed, warnings: [] }
  }
  const isStray = expId !== undefined && expId !== '' && !confirmed
  return { experiment, user, warnings: isStray ? [`common.expId is ${shown(expId)}, which is no experiment of this user.`] : [] }
}

/** The `experiment` of an answer, its signature made at the moment of the answer. */
export function experimentAnswer({ id, key, groupKey, payload }: Experiment, { user, payloadKey, now }: Signing): object {
  const open = { id, key, groupKey, ...(payload !== undefined && { payload }) }
  return { ...open, signature: encryptPayload({ ...open, user, now }, payloadKey ?? '') }
}

/** What a signature is made with. */
export interface Signing {
  user: string
  payloadKey: Game['payloadKey']
  /** Unix milliseconds. */
  now: number
}

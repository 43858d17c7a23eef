import type { VendorTables } from '../../contract.js'
import { show } from '../../kernel/show.js'
import { encryptPayload } from './payload-cipher.js'
import type { Experiment, Game, tables, User } from './tables.js'

/** The experiment of a user, with warnings about the choice. */
export interface Participation {
  experiment: Experiment | undefined
  /** The user's row, with a confirmed experiment. */
  user: User
  warnings: string[]
}

/**
 * Places a user in an experiment: the one confirmed by `common.expId` now or before, else the first that is open to the user.
 * An experiment ends when its row is deleted.
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
  return { experiment, user, warnings: isStray ? [`common.expId is ${show(expId)}, which is not an experiment of this user.`] : [] }
}

/** The `experiment` of a reply, signed with the time of the reply. */
export function experimentAnswer({ id, key, groupKey, payload }: Experiment, { user, payloadKey, now }: Signing): object {
  const open = { id, key, groupKey, ...(payload !== undefined && { payload }) }
  return { ...open, signature: encryptPayload({ ...open, user, now }, payloadKey ?? '') }
}

/** Data of a signature besides the experiment. */
export interface Signing {
  user: string
  payloadKey: Game['payloadKey']
  /** Unix milliseconds. */
  now: number
}

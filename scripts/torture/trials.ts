import type { Trial } from './trial.js'
import { damage } from './trials/damage.js'
import { fold } from './trials/fold.js'
import { kill } from './trials/kill.js'
import { torn } from './trials/torn.js'

/** Every trial, in the order in which they run. */
export const trials: readonly Trial[] = [kill, fold, torn, damage]

import type { Opened } from './cipher.js'
import { type Envelope, isPlain, type Layer, openLayer, type OpenedLayer, readEnvelope } from './envelope.js'

/**
 * A message opened, or the layer at which that ended. `outer`: the gamer key is unknown or does not fit; `no-envelope`: it fits,
 * but its content is not a second envelope; `inner`: the application key does not fit. `members` are those of the message at fault, none
 * without a key to open it with. `layers` has the layers that opened.
 */
export type OpenedMessage = { plain: boolean; layers: Layer[] } & (
  | { ok: true; payload: string }
  | { ok: false; fault: 'outer' | 'no-envelope' | 'inner'; reason: string; members: readonly (keyof Envelope)[] }
)

/** Opens one layer's wrapped AES key; null where the key for it is not known. */
export type Unwrap = ((wrapped: Buffer) => Opened<Buffer>) | null

/** Opens both layers of a message from either side. The first key shows if the message is plain. */
export function openMessage(sealed: Envelope, unwrap: { outer: Unwrap; inner: Unwrap }): OpenedMessage {
  const plain = isPlain(sealed)
  const failed = (
    fault: 'outer' | 'no-envelope' | 'inner',
    reason: string,
    layers: Layer[],
    members: readonly (keyof Envelope)[] = ['blob'],
  ): OpenedMessage => ({
    ok: false,
    fault,
    reason,
    members,
    plain,
    layers,
  })
  const outer = openWith('outer', sealed, plain ? 'plain' : unwrap.outer)
  if (!outer.ok) return failed('outer', `the outer layer: ${outer.reason}`, [], outer.members)
  const second = readEnvelope(outer.value.text)
  if (!second.ok) return failed('no-envelope', `the outer layer opens, but ${second.reason}`, [outer.value])
  const inner = openWith('inner', second.value, plain ? 'plain' : unwrap.inner)
  if (!inner.ok) return failed('inner', `the inner layer: ${inner.reason}`, [outer.value])
  return { ok: true, payload: inner.value.text, plain, layers: [outer.value, inner.value] }
}

function openWith(name: Layer['name'], sealed: Envelope, unwrap: Unwrap | 'plain'): OpenedLayer {
  if (unwrap !== null) return openLayer(name, sealed, unwrap)
  return { ok: false, reason: `there is no ${name === 'outer' ? 'gamer' : 'application'} key to open it with`, members: [] }
}

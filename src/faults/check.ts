import type { Vendor } from '../contract.js'
import { pointer, type Pointer } from '../kernel/problem.js'
import type { FaultRule } from './rule.js'
import { noVendor } from '../kernel/nearest.js'

/** Returns the errors of a rule beyond its schema, such as replies that the vendor does not have; `path` is the pointer of the rule. */
export function faultErrors(
  rule: Pick<FaultRule, 'match' | 'effect'>,
  vendors: readonly Vendor[],
  path: readonly PropertyKey[] = [],
): Pointer[] {
  const { match, effect } = rule
  const at = (...rest: PropertyKey[]) => pointer([...path, ...rest])
  const vendor = vendors.find(({ id }) => id === match.vendor)
  if (match.vendor !== undefined && !vendor) {
    return [
      {
        path: at('match', 'vendor'),
        message: noVendor(
          match.vendor,
          vendors.map(({ id }) => id),
        ),
      },
    ]
  }
  if (effect.kind !== 'reply' || effect.name === undefined) return []
  if (!vendor) return [{ path: at('match', 'vendor'), message: 'A named reply is one vendor’s: say which.' }]
  if (Object.hasOwn(vendor.replies, effect.name)) return []
  const known = Object.keys(vendor.replies).join(', ')
  return [{ path: at('effect', 'name'), message: `${vendor.title} has no reply "${effect.name}"; it has ${known}.` }]
}

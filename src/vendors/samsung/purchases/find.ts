import { expectedMember } from '../../../kernel/expected-member.js'
import { brief, show } from '../../../kernel/show.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import type { Asked, Refusal } from '../api.js'
import { findPurchase, type Found } from '../ledger.js'

/** A call about purchases of one package. */
export type InPackage = Asked & { packageName: string }

/** Finds a purchase of the package, or refuses it. `faultOf` returns the reason if the call takes no such purchase. */
export async function findInPackage(
  asked: InPackage,
  id: string,
  faultOf: (row: StorePurchase) => string | undefined = () => undefined,
): Promise<({ ok: true } & Found) | Refusal> {
  const result = await findPurchase(asked, id, (row) => {
    if (row.app === undefined || row.app === asked.packageName) return faultOf(row)
    return `is of ${row.app}, not of ${asked.packageName}`
  })
  return result.ok ? { ok: true, ...result.found } : invalidPurchase(asked, id, result.reason)
}

/** Refuses a purchase with a reason that follows "the purchase ". */
function invalidPurchase({ call }: InPackage, id: string, reason: string): Refusal {
  const wanted = 'the token of a row of marketplace.purchases with store samsung in the path'
  const sentence = `The purchase ${show(brief(id, 80))} ${reason}.`
  return { ok: false, error: 'invalid-purchase', sentence, expected: [expectedMember(['path'], call.request.path, wanted)] }
}

import type { Route } from '../../contract.js'
import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import { mostAlike, smallTable } from '../../kernel/expected-member.js'
import { show } from '../../kernel/show.js'
import { expectedFields, expectedPath } from './expected.js'
import { ownedPurchase, recordedWhere, soldAs } from './purchase.js'
import { grant, refuse, type Decision } from './replies.js'
import { empty, outcomes, tokenForm, tokenQuery } from './shapes.js'
import { scheduleRenewal } from './subscription.js'
import type { Purchase, tables } from './tables.js'
import { withGamer, type OuyaCall, type SignedInCall } from './calls.js'

const redeem: Route<typeof tables> = {
  method: 'PUT',
  path: '/api/v1/vouchers/{code}/redeem',
  summary: 'Get a product for a voucher',
  evidence: evidence('sdk', 'console framework, voucher call and error names', [
    'the reply to a redeemed voucher is not known; it is {} here, and the product is in the receipts',
    'force=1 is accepted and changes nothing: when the server asked for a wallet switch (2030) is not known',
    'a used voucher is refused as not found',
  ]),
  request: {
    query: tokenQuery,
    form: tokenForm.extend({
      product_id: z.string().optional(),
      game_id: z.string().optional().describe('Package'),
      force: z.literal('1').optional(),
    }),
  },
  ...outcomes({ outcomes: ['redeemed'], description: 'Redeemed', schema: empty }, [
    'invalid-token',
    'required-parameter-not-provided',
    'voucher-not-found',
    'voucher-mismatch',
    'invalid-app-uuid',
    'invalid-product-id',
    'entitlement-already-purchased',
  ]),
  handle: (call) => withGamer(call, (visit) => redeemVoucher(call, visit)),
}

/** Vouchers. */
export const voucherRoutes = [redeem]

async function redeemVoucher(call: OuyaCall, { db, transaction, gamer, form }: SignedInCall): Promise<Decision> {
  const code = call.request.params['code'] ?? ''
  const voucher = await db.vouchers.get(code)
  if (!voucher || voucher.redeemedBy !== undefined) {
    const unused = (await smallTable(db.vouchers)).filter(({ redeemedBy }) => redeemedBy === undefined).map((each) => each.code)
    const expected = expectedPath(call.request, '/api/v1/vouchers/{code}/redeem', mostAlike(code, unused))
    const sentence = voucher
      ? `Voucher ${code} was redeemed by ${voucher.redeemedBy}, ${recordedWhere(voucher)}.`
      : `The code is ${show(code)}; no row of ouya.vouchers has it.`
    return refuse('voucher-not-found', sentence, { expected })
  }
  const { product_id: wanted = voucher.productId, game_id: inGame = voucher.package } = form
  if (wanted !== voucher.productId || inGame !== voucher.package) {
    return refuse(
      'voucher-mismatch',
      `Voucher ${code} is for ${voucher.productId} in ${voucher.package}; product_id is ${show(wanted)}, game_id ${show(inGame)}.`,
      {
        expected: expectedFields(form, {
          ...(wanted !== voucher.productId && { product_id: voucher.productId }),
          ...(inGame !== voucher.package && { game_id: voucher.package }),
        }),
      },
    )
  }
  const game = await db.games.get(voucher.package)
  if (!game) return refuse('invalid-app-uuid', `Voucher ${code} is for ${voucher.package}; no row of ouya.games has that package.`)
  const product = await db.products.get(game.developerId, voucher.productId)
  if (!product)
    return refuse('invalid-product-id', `Voucher ${code} is for ${voucher.productId}; developer ${game.developerId} has no such product.`)
  const owned = await ownedPurchase(db, { gamer, product, now: call.now })
  if (owned) {
    const sentence = `${gamer.username} owns ${product.identifier} already: bought ${recordedWhere(owned)} under uuid ${owned.uuid}. The voucher stays valid.`
    return refuse('entitlement-already-purchased', sentence)
  }
  const purchase: Purchase = {
    username: gamer.username,
    uuid: call.ids.uuid(),
    package: game.package,
    ...soldAs(product, await db.developers.get(game.developerId), call.now),
    paidWith: 'voucher',
    fromWallet: 0,
    recordedBy: call.id,
  }
  db.vouchers.put({ ...voucher, redeemedBy: gamer.username, recordedBy: call.id })
  db.purchases.put(purchase)
  scheduleRenewal(transaction, purchase)
  return grant(
    'redeemed',
    `${gamer.username} got ${product.identifier} in ${game.package} for voucher ${code}, under uuid ${purchase.uuid}.`,
  )
}

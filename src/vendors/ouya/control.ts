import { z } from 'zod'
import type { ControlRoute } from '../../contract.js'
import { NotFound, type Problem } from '../../kernel/problem.js'
import { json } from '../../kernel/reply.js'
import { spkiDer } from '../../pki/rsa-key.js'
import { mintPurchase, mintRequest, openReply, openRequestBody } from './console.js'
import { inspectForm } from './judge.js'
import { applicationKeyOf } from './sealed.js'
import type { Purchase, tables } from './tables.js'
import type { OuyaScope } from './calls.js'

const inspectRequest = z.strictObject({ form: z.string() })
const purchaseShape = 'purchases/{username}/{uuid}'

/** OUYA's own calls under `/_sandbox/vendors/ouya`. */
export const control: readonly ControlRoute<typeof tables>[] = [
  {
    method: 'GET',
    path: '/games/{package}/key.der',
    summary: 'The public key that a game ships with, SubjectPublicKeyInfo',
    mediaType: 'application/octet-stream',
    handle: async (scope, { params }) => {
      const name = params['package'] ?? ''
      const game = await scope.transact((db) => db.games.get(name))
      if (!game) throw unknownRow('games', name)
      return { status: 200, headers: { 'Content-Type': 'application/octet-stream' }, body: spkiDer(applicationKeyOf(scope, game)) }
    },
  },
  {
    method: 'POST',
    path: '/receipts/mint',
    summary: 'The form with which a console would buy',
    body: mintRequest,
    handle: async (scope, { body }) => json(200, await mintPurchase(scope, mintRequest.parse(body))),
  },
  {
    method: 'POST',
    path: '/receipts/open',
    summary: 'A reply as the game reads it',
    body: openRequestBody,
    handle: async (scope, { body }) => json(200, await openReply(scope, openRequestBody.parse(body))),
  },
  {
    method: 'POST',
    path: '/receipts/inspect',
    summary: 'Claims of a purchase form, and the layers that open',
    body: inspectRequest,
    handle: async (scope, { body }) => json(200, await inspectForm(scope, inspectRequest.parse(body).form)),
  },
  {
    method: 'POST',
    path: `/${purchaseShape}/cancel`,
    summary: 'Cancel a subscription: it ends with the paid period',
    handle: (scope, { params }) => change(scope, params, (purchase) => ({ ...purchase, autoRenewing: false })),
  },
  {
    method: 'POST',
    path: `/${purchaseShape}/revoke`,
    summary: 'Revoke a purchase at once: no list has it any more',
    handle: (scope, { params }) =>
      change(scope, params, (purchase) => ({ ...purchase, endedAt: scope.now.toISOString(), endedBecause: 'revoked' })),
  },
]

async function change(scope: OuyaScope, params: Readonly<Record<string, string>>, to: (purchase: Purchase) => Purchase) {
  const { username = '', uuid = '' } = params
  const changed = await scope.transact(async (db) => {
    const purchase = await db.purchases.get(username, uuid)
    if (!purchase) throw unknownRow('purchases', `${username}:${uuid}`)
    const after = to(purchase)
    db.purchases.put(after)
    return after
  })
  return json(200, changed)
}

function unknownRow(table: string, key: string): Problem {
  return new NotFound({
    type: 'unknown-row',
    title: 'No such row.',
    detail: `ouya.${table} has no row ${JSON.stringify(key)}; "coinslot rows ouya ${table}" lists them.`,
  })
}

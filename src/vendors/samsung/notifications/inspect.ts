import { createPublicKey } from 'node:crypto'
import type { InspectedMessage, Scope } from '../../../contract.js'
import { show } from '../../../kernel/show.js'
import { readJws, type Jws } from '../../../receipts/jws.js'
import { rsaSignatureHolds } from '../../../receipts/rsa-signature.js'
import type { Check } from '../../../receipts/verdict.js'
import { rowOf } from '../ledger.js'
import type { Db, Seller, tables } from '../tables.js'
import { eventNames, issuer } from './isn.js'

type Scoped = Scope<typeof tables>

/** Returns claims and checks of an Instant Server Notification, undefined for every other text. */
export async function inspectIsn(scope: Scoped, text: string): Promise<InspectedMessage | undefined> {
  const read = readJws(text.trim())
  if (!read.ok || read.jws.payload['iss'] !== issuer) return undefined
  const { payload } = read.jws
  const checks = await scope.transact(async (db, transaction): Promise<Check[]> => {
    const packageName = Array.isArray(payload['aud']) ? (payload['aud'] as unknown[])[0] : payload['aud']
    const app = typeof packageName === 'string' ? await db.apps.get(packageName) : undefined
    const seller = app && (await db.sellers.get(app.sellerSeq))
    return [
      parseCheck(payload, packageName),
      await signatureCheck(scope, db, { jws: read.jws, seller }),
      {
        name: 'app',
        ok: app !== undefined,
        detail: `aud is ${show(packageName)}, ${app ? 'a row of samsung.apps' : 'of which samsung.apps has no row'}`,
      },
      ...(await storeChecks(payload['data'], (id) => rowOf({ db, transaction }, id))),
    ]
  })
  return { format: 'samsung notification', claims: payload, checks }
}

function parseCheck({ sub, version }: Jws['payload'], packageName: unknown): Check {
  const isKnown = eventNames.some((name) => name === sub)
  const detail = `${show(sub)} of version ${show(version)} for ${show(packageName)}`
  return {
    name: 'parse',
    ok: true,
    detail: isKnown ? detail : `${detail}; Samsung documents no such event, and receivers have to ignore it`,
  }
}

/** Checks the signature with the key of the app's seller, else with that of any seller. */
async function signatureCheck(scope: Scoped, db: Db, { jws, seller }: { jws: Jws; seller: Seller | undefined }): Promise<Check> {
  const { header, signed, signature } = jws
  if (header['alg'] !== 'RS256') return { name: 'signature', ok: false, detail: `alg is ${show(header['alg'])}; Samsung signs with RS256` }
  const sellers = seller ? [seller] : await db.sellers.list()
  const signer = sellers.find(({ iapKey }) => {
    const key = scope.keys.privateKey(iapKey)
    return key.ok && rsaSignatureHolds('sha256', signed, { key: createPublicKey(key.key), signature })
  })
  if (signer) return { name: 'signature', ok: true, detail: `signed with the IAP key of seller ${signer.sellerSeq}` }
  const whose = seller ? `of seller ${seller.sellerSeq}` : 'of any seller'
  return {
    name: 'signature',
    ok: false,
    detail: `the signature does not fit the IAP key ${whose}: the content or the signature of the JWT was changed, or another key signed it`,
  }
}

/** Checks that the store knows the purchase that a notification is about; none for one that names no purchase. */
async function storeChecks(data: unknown, find: (id: string) => Promise<unknown>): Promise<Check[]> {
  if (typeof data !== 'object' || data === null) return []
  const { purchaseId, firstPurchaseId, resubscribedPurchaseId } = data as Record<string, unknown>
  const id = [purchaseId, firstPurchaseId, resubscribedPurchaseId].find((each) => typeof each === 'string')
  if (id === undefined) return []
  const isKnown = (await find(id)) !== undefined
  return [{ name: 'store', ok: isKnown, detail: `the simulated store ${isKnown ? 'knows' : 'does not know'} the purchase id ${show(id)}` }]
}

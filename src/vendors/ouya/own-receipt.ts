import { z } from 'zod'
import type { MintedReceipt, OwnReceipt, ReceiptRequest } from '../../contract.js'
import { mintPurchase, mintRequest, openReply, openRequestBody } from './console.js'
import { inspectForm } from './judge.js'
import type { tables } from './tables.js'

/** The form by which a console buys: a receipt that is sealed with keys of gamer and game. */
export const ownReceipt: OwnReceipt<typeof tables> = {
  format: 'ouya',
  mint: {
    summary: 'The form that an OUYA console would send to buy',
    body: mintRequest,
    reply: { description: 'The form', schema: z.object({ form: z.string(), uuid: z.string() }) },
    refusal: 'Unknown gamer or game',
    handle: (scope, body) => mintPurchase(scope, mintRequest.parse(body)),
  },
  open: {
    summary: 'The content of a reply of OUYA, decrypted as console and game would',
    body: openRequestBody,
    reply: { description: 'The decrypted reply' },
    refusal: 'The reply cannot be decrypted',
    handle: (scope, body) => openReply(scope, openRequestBody.parse(body)),
  },
  async inspect(scope, receipt) {
    const { claims, checks } = await inspectForm(scope, receipt)
    return { claims, checks }
  },
}

/** Returns the request by which a console sends the form of a purchase. */
export function present(minted: MintedReceipt): ReceiptRequest | undefined {
  if (minted.store !== 'ouya') return undefined
  return {
    path: `/api/v1/games/${encodeURIComponent(String(minted.members['package']))}/purchases`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-OUYA-AuthToken': seededToken },
    body: minted.receipt.form,
  }
}

/** The token of the default seed's gamer. */
const seededToken = '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8'

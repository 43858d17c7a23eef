// The work of every bare server for the main call of a vendor: the parsing and the cryptography that the call needs, and a
// fixed answer. Nothing is kept, checked against rows or explained.
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  randomBytes,
  verify,
} from 'node:crypto'

/** Keys as they are handed over by the script that starts the server. */
const keys = JSON.parse(process.env['BENCH_KEYS'] ?? '{}')
const licenceKey = keys.licence && createPublicKey({ key: Buffer.from(keys.licence, 'base64'), format: 'der', type: 'spki' })
const gamerKey = keys.gamer && createPublicKey({ key: Buffer.from(keys.gamer, 'base64'), format: 'der', type: 'spki' })
const applicationKey = keys.application && createPrivateKey({ key: Buffer.from(keys.application, 'base64'), format: 'der', type: 'pkcs8' })

const json = 'application/json; charset=utf-8'

/**
 * Path to handler; a handler takes the text of a body and answers a status and a text.
 * @type {Record<string, (body: string) => { status: number, type: string, text: string }>}
 */
export const handlers = {
  '/teak/v2/purchase': (body) => {
    const purchase = JSON.parse(body)
    return purchase.amount === undefined
      ? { status: 422, type: json, text: '{"code":422}' }
      : { status: 200, type: json, text: '{"code":200}' }
  },
  '/kakao/service/v3/log/writePurchaseLog': (body) => {
    const log = JSON.parse(body)
    return log.price === undefined ? { status: 400, type: json, text: '{}' } : { status: 200, type: json, text: '{}' }
  },
  '/gameofwhales/receipt': (body) => {
    const { event } = JSON.parse(body)
    const { json: purchase, signature } = JSON.parse(JSON.parse(event.receipt).Payload)
    const isLegal = verify('RSA-SHA1', Buffer.from(purchase), licenceKey, Buffer.from(signature, 'base64'))
    const { orderId } = JSON.parse(purchase)
    return { status: 200, type: json, text: JSON.stringify({ transaction: orderId, verifyState: isLegal ? 'legal' : 'illegal' }) }
  },
  '/mbaasy/client/google_play/purchase_orders': (body) => {
    const { purchase_data, purchase_signature } = JSON.parse(body)
    const isGood = verify('RSA-SHA1', Buffer.from(purchase_data), licenceKey, Buffer.from(purchase_signature, 'base64'))
    const { purchaseToken } = JSON.parse(purchase_data)
    return { status: isGood ? 200 : 402, type: json, text: JSON.stringify({ purchase_token: purchaseToken }) }
  },
  '/ouya/api/v1/games/tv.ouya.sample/purchases': (body) => {
    const form = Object.fromEntries(new URLSearchParams(body))
    const outer = opened(form, (wrapped) => publicDecrypt({ key: gamerKey, padding: constants.RSA_PKCS1_PADDING }, wrapped))
    const inner = opened(JSON.parse(outer), (wrapped) =>
      unpadded(privateDecrypt({ key: applicationKey, padding: constants.RSA_NO_PADDING }, wrapped)),
    )
    const answer = sealed(JSON.stringify({ uuid: JSON.parse(inner).uuid }), (key) =>
      privateEncrypt({ key: applicationKey, padding: constants.RSA_PKCS1_PADDING }, key),
    )
    const text = sealed(answer, (key) => publicEncrypt({ key: gamerKey, padding: constants.RSA_PKCS1_PADDING }, key))
    return { status: 200, type: json, text }
  },
}

function opened({ key, iv, blob }, unwrap) {
  const decipher = createDecipheriv('aes-128-cbc', unwrap(Buffer.from(key, 'base64')), Buffer.from(iv, 'base64'))
  return Buffer.concat([decipher.update(Buffer.from(blob, 'base64')), decipher.final()]).toString()
}

function sealed(text, wrap) {
  const key = randomBytes(16)
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-cbc', key, iv)
  const blob = Buffer.concat([cipher.update(text), cipher.final()])
  return JSON.stringify({ key: wrap(key).toString('base64'), iv: iv.toString('base64'), blob: blob.toString('base64') })
}

function unpadded(block) {
  return block.subarray(block.indexOf(0, 2) + 1)
}

import type { Call, ExpectedMember } from '../../../contract.js'
import { encodingClause, readObjectAsSent } from '../../../kernel/body.js'
import { gotValue, mostAlike, smallTable } from '../../../kernel/expected-member.js'
import type { Reply } from '../../../kernel/reply.js'
import { capitalized, show } from '../../../kernel/show.js'
import { itemTypes, type AppStoreClaims } from '../../../receipts/app-store/claims.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { readAppStoreReceipt, type AppStoreVerdict } from '../../../receipts/app-store/read.js'
import { builtInTrust, prepareTrust } from '../../../receipts/app-store/trust.js'
import type { Keyring } from '../../../receipts/keyring.js'
import { firstFailure } from '../../../receipts/verdict.js'
import { environmentOf } from '../access/environment.js'
import { adoptReceipt, tokenOfItem } from '../chains/adopt.js'
import { environmentOfRow, type Chain } from '../chains/chain.js'
import { openChain } from '../chains/open.js'
import { inTransaction, type TransactionScope } from '../chains/scope.js'
import { receiptAnswer } from '../replies.js'
import type { App, AppStoreTables, Environment } from '../tables.js'
import { transactionAnswer } from './transaction-answer.js'
import { unifiedAnswer, type ReceiptBody, type ReceiptContents } from './unified-answer.js'

type Scoped = Call<AppStoreTables>

/** A refusal: its status, the outcome, the environment if it is known, and the sentence that explains it. */
export interface ReceiptRefusal {
  status: number
  outcome: string
  sentence: string
  environment?: Environment | undefined
  expected?: readonly ExpectedMember[]
}

/** Returns the reply to a request to verifyReceipt. Its HTTP status is always 200; the verdict is its `status`. */
export async function verifyReceipt(call: Scoped): Promise<Reply> {
  if (!call.reachable('app_store')) {
    const sentence = 'The App Store is not reachable; "coinslot store app_store up" ends this.'
    return refuse(call, { status: 21005, outcome: 'server-unavailable', sentence })
  }
  const read = readRequest(call)
  if ('status' in read) return refuse(call, read)
  const judged = judgeReceipt(call.keys, read.receipt, environmentOf(call.request))
  if ('status' in judged) return refuse(call, judged)
  const result = await inTransaction(call, (tx) => answerReceipt(tx, judged, read))
  return 'outcome' in result ? refuse(call, result) : accept(call, judged, { ...result, warnings: read.warnings })
}

function refuse(call: Scoped, { status, outcome, sentence, environment, expected }: ReceiptRefusal): Reply {
  call.explain(outcome, `${sentence} Status ${status}.`, { expected })
  return receiptAnswer({ ...(environment !== undefined && { environment }), status })
}

function accept(
  call: Scoped,
  { claims, environment }: JudgedReceipt,
  { app, answer, warnings }: Accepted & Pick<ReceiptRequest, 'warnings'>,
): Reply {
  const { status } = answer
  const count = claims.items.length
  const what = `The ${claims.style} receipt of ${app.bundleId} from ${environment} with ${count} ${count === 1 ? 'purchase' : 'purchases'}`
  if (status === 21006) call.explain('expired', `${what} is valid, but its subscription has expired. Status 21006.`, { warnings })
  else call.explain('valid', `${what} is valid. Status 0.`, { warnings })
  return receiptAnswer(answer)
}

interface ReceiptRequest {
  receipt: string
  password: unknown
  excludeOld: boolean
  warnings: readonly string[]
}

function readRequest({ request }: Scoped): ReceiptRequest | ReceiptRefusal {
  const malformed = (sentence: string, pointer: string, got: unknown, expected: string): ReceiptRefusal => {
    return { status: 21002, outcome: 'malformed', sentence, expected: [{ pointer, got: gotValue(got), expected }] }
  }
  const body = readObjectAsSent(request.body)
  if (!body.ok) {
    const reason = `${body.reason}${encodingClause(request.header('content-encoding'))}`
    const sentence = `The body cannot be read as a JSON object: ${reason}.`
    return malformed(sentence, '/body', Buffer.from(request.body).toString(), 'a JSON object with "receipt-data"')
  }
  const { 'receipt-data': receipt, password, 'exclude-old-transactions': excludeOld } = body.value
  if (typeof receipt === 'string' && receipt !== '') {
    const isRead = excludeOld === undefined || typeof excludeOld === 'boolean'
    const warnings = isRead ? [] : [`exclude-old-transactions is ${show(excludeOld)}, which counts as false; true has no quotation marks.`]
    return { receipt, password, excludeOld: excludeOld === true, warnings }
  }
  return malformed(`receipt-data is ${show(receipt)}.`, '/body/receipt-data', receipt, 'an App Store receipt in Base64')
}

/** A receipt that is authentic and of the right environment. */
interface JudgedReceipt {
  claims: AppStoreClaims
  environment: Environment
}

/** Judges a receipt without the store. The environment comes before the signature, because clients try the other one only then; our choice. */
export function judgeReceipt(keys: Keyring, receipt: string, server: Environment): JudgedReceipt | ReceiptRefusal {
  const verdict = readReceipt(keys, receipt)
  const { claims } = verdict
  const expected = [{ pointer: '/body/receipt-data', got: gotValue(receipt), expected: 'a receipt of `coinslot mint app_store`' }]
  const failure = firstFailure(verdict.checks)
  if (!claims)
    return { status: 21002, outcome: 'malformed', sentence: `${capitalized(failure?.detail ?? 'The receipt is malformed')}.`, expected }
  const type = claims.receiptType ?? 'Production'
  if (type.startsWith('Xcode')) {
    const sentence = 'The receipt is one of Xcode, which signs it itself; Apple’s server refuses it in either environment.'
    return { status: 21002, outcome: 'malformed', sentence, expected }
  }
  const environment = environmentOfReceipt(claims)
  if (environment !== server) {
    const isSandbox = environment === 'Sandbox'
    const sentence = `The receipt is from ${environment} and was sent to ${server}; send it to ${isSandbox ? 'sandbox' : 'buy'}.itunes.apple.com.`
    return { status: isSandbox ? 21007 : 21008, outcome: isSandbox ? 'sandbox-receipt' : 'production-receipt', sentence, environment }
  }
  if (verdict.ok) return { claims, environment }
  const sentence = `The receipt is not authentic: ${failure?.detail ?? 'its signer is not known'}.`
  return { status: 21003, outcome: 'not-authentic', sentence, environment, expected }
}

function readReceipt(keys: Keyring, receipt: string): AppStoreVerdict {
  const trust = keys.prepared('app store built-in trust', () =>
    prepareTrust(builtInTrust(keys.prepared('app store development keys', appStoreDevelopment).root)),
  )
  return readAppStoreReceipt(receipt, { trust })
}

function environmentOfReceipt({ style, receiptType }: AppStoreClaims): Environment {
  if (style === 'transaction') return receiptType === undefined || receiptType === 'Production' ? 'Production' : 'Sandbox'
  return receiptType === undefined || receiptType === 'Production' || receiptType === 'ProductionVPP' ? 'Production' : 'Sandbox'
}

interface Accepted {
  app: App
  answer: ReceiptBody
}

async function answerReceipt(
  tx: TransactionScope,
  { claims, environment }: JudgedReceipt,
  { password, excludeOld }: ReceiptRequest,
): Promise<Accepted | ReceiptRefusal> {
  const app = claims.bundleId === undefined ? undefined : await tx.db.apps.get(claims.bundleId)
  if (!app) {
    const known = (await smallTable(tx.db.apps)).map(({ bundleId }) => bundleId)
    const expected = [
      {
        pointer: '/body/receipt-data',
        got: claims.bundleId,
        expected: `a receipt of ${mostAlike(claims.bundleId, known) ?? 'an app in app_store.apps'}`,
      },
    ]
    const sentence = `No app in app_store.apps has the bundle id ${show(claims.bundleId)} of the receipt.`
    return { status: 21003, outcome: 'not-authentic', sentence, environment, expected }
  }
  const wrong = passwordFault(app, claims, password)
  if (wrong) return { ...wrong, environment }
  const chains = await adoptReceipt(tx, { app, environment, claims })
  const unknown = [...chains].find(([, chain]) => chain === undefined)
  if (unknown) {
    const sentence = `The store does not know transaction ${unknown[0]}: its row in marketplace.purchases says "known": false or "pending": true.`
    return { status: 21003, outcome: 'not-authentic', sentence, environment }
  }
  const contents: ReceiptContents = {
    app,
    environment,
    claims,
    items: claims.items.flatMap((item) => {
      const chain = chains.get(tokenOfItem(item))
      const transaction = chain?.transactions.find(({ transactionId }) => transactionId === item.transactionId)
      return chain && transaction ? [{ chain, transaction }] : []
    }),
    chains: await withOthers(
      tx,
      app,
      [...chains.values()].filter((chain) => chain !== undefined),
    ),
    excludeOld,
  }
  if (claims.style === 'transaction') return { app, answer: transactionAnswer(tx, contents) }
  return { app, answer: unifiedAnswer(tx, contents) }
}

/** Adds the other purchases of the same customers. */
async function withOthers(tx: TransactionScope, app: App, chains: readonly Chain[]): Promise<Chain[]> {
  const all = [...chains]
  const known = new Set(chains.map(({ row }) => row.token))
  const customers = new Set(chains.flatMap(({ row }) => (row.customer === undefined ? [] : [row.customer])))
  const environment = chains[0] && environmentOfRow(chains[0].row)
  for (const customer of customers) {
    for (const row of await tx.transaction.marketplace.list('app_store', { app: app.bundleId, customer })) {
      if (known.has(row.token) || environmentOfRow(row) !== environment) continue
      const chain = await openChain(tx, row, app)
      if (chain) all.push(chain)
    }
  }
  return all
}

function passwordFault({ bundleId, sharedSecret }: App, { items }: AppStoreClaims, password: unknown): ReceiptRefusal | undefined {
  if (sharedSecret === undefined || password === sharedSecret) return undefined
  const expected = [{ pointer: '/body/password', got: gotValue(password), expected: sharedSecret }]
  const wrong = (sentence: string): ReceiptRefusal => ({ status: 21004, outcome: 'wrong-password', sentence, expected })
  if (password !== undefined) return wrong(`password is ${show(password)}, not the sharedSecret of ${bundleId} in app_store.apps.`)
  const needy = items.find(({ type, webOrderLineItemId }) =>
    type === undefined ? /[1-9]/.test(webOrderLineItemId ?? '') : type === itemTypes['auto-renewable'],
  )
  if (!needy) return undefined
  return wrong(`The request has no password, and ${needy.productId ?? 'a purchase'} of the receipt is an auto-renewable subscription.`)
}

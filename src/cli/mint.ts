import { Command } from 'commander'
import type { TrafficEntry } from '../client/types.js'
import type { ControlClient } from '../client/control-client.js'
import { nodeFetch } from '../kernel/node-fetch.js'
import { isBoundToSandbox, isReceiptStore, ordinaryReceipts, receiptMembers, receiptStores, type ReceiptStore } from '../receipts/kinds.js'
import type { ReceiptRequest } from '../receipts/presented.js'
import { clientFor, findConnection, withConnection, workspaceOf, type ConnectionFlags } from './connection.js'
import { posixCurlLine, posixQuoted, windowsCurlLine, windowsCurlNote } from './curl-line.js'
import { bodyLines, entryText } from './entry-text.js'
import { readMembers } from './members.js'
import { runningClient, withPackagedSandbox } from './offline.js'
import { colorsFor, print } from './output.js'
import { UsageError, withExamples } from './usage.js'
import { writeAsSent } from '../kernel/json/as-sent.js'

/** Shorter names that people try first. */
const aliases: Readonly<Record<ReceiptStore, Record<string, string>>> = {
  google_play: { package: 'packageName', product: 'productId' },
  app_store: { bundle: 'bundleId', product: 'productId', transaction: 'transactionId' },
  samsung: { item: 'itemId', product: 'itemId', payment: 'paymentId' },
  ouya: { packageName: 'package', product: 'identifier', user: 'username' },
}

/** Members that some receipts have and others cannot have. */
const refusals: Readonly<Partial<Record<ReceiptStore, Record<string, string>>>> = {
  samsung: {
    tamper: `Samsung's receipts carry no signature, so there is nothing to tamper with. Change the row of the purchase in marketplace.purchases.`,
  },
  ouya: {
    tamper: `OUYA's form is encrypted, not signed: it takes no tamper. plain=true sends it unencrypted; a changed character of the form is refused. Members: ${receiptMembers.ouya.join(', ')}.`,
  },
}

interface MintFlags extends ConnectionFlags {
  /** `json`, `unity`, `curl`, one of the store's own forms, or a vendor. */
  as: string
  /** Type of the notification, with its subtype behind a slash. */
  type?: string
  for?: string
  send?: boolean
}

/** `coinslot mint`: a signed receipt, in the form in which it is needed, or sent at once. */
export function mintCommand(): Command {
  const command = withConnection(new Command('mint').description('print a signed receipt, or send it to a vendor'))
    .option(
      '--as <form>',
      'json, unity, curl, or a vendor, for the body it takes; of stores also notification, of app_store jws, verifyReceipt',
      'json',
    )
    .option('--type <type>', 'of the notification: 2, DID_RENEW, ARS_RENEWED')
    .option('--for <vendor>', 'vendor that --send and --as curl address')
    .option('--send', 'send it to the running sandbox; print the answer and why')
    .argument('<store>', receiptStores.join(', '))
    .argument('[members...]', 'productId=gems.10 or --product-id gems.10')
    .allowUnknownOption()
  command.addHelpText(
    'after',
    `\nMembers, each optional:\n${memberLines()}\ntamper=signature, data, key or (google_play) token; OUYA and Samsung take none.`,
  )
  withExamples(command, [
    'coinslot mint google_play --send',
    'coinslot mint google_play --for google_play --send',
    'coinslot mint app_store period=P1M --as notification --type DID_RENEW',
  ])
  return command.action(async (store: string, words: string[], flags: MintFlags) => {
    if (!isReceiptStore(store)) throw new UsageError(`There is no store "${store}"; there are ${receiptStores.join(', ')}.`)
    const names = { known: receiptMembers[store], aliases: aliases[store], refusals: refusals[store] ?? {} }
    const members = { ...ordinaryReceipts[store], ...readMembers(words, names) }
    const connection = findConnection(flags)
    const address = { url: connection.url, workspace: workspaceOf(flags) }
    // A receipt that is sent must be minted by the sandbox that gets it.
    const needsRunning = flags.send || isBoundToSandbox(store) || connection.isNamed
    const running = needsRunning ? clientFor(connection, address.workspace) : await runningClient(connection, flags)
    // Without a running sandbox there is no store that could know the purchase afterwards.
    const isKept = running !== undefined || store !== 'google_play'
    const own = ownForm(store, flags.as)
    if (flags.type !== undefined && own !== 'notification') throw new UsageError('--type belongs to --as notification of a store.')
    const work = async (client: ControlClient) => {
      const needsRequest = flags.send || own === 'verifyReceipt' || (own === undefined && !['json', 'unity'].includes(flags.as))
      const sent = isKept ? members : { register: false, ...members }
      const minted = await mint(client, { store, members: sent, needsRequest })
      return {
        ...minted,
        ...(own === 'notification' && { notification: await notificationAbout(client, { ...minted, members: sent }, flags.type) }),
      }
    }
    const minted = await (running ? work(running) : withPackagedSandbox(work))
    if (!isKept) {
      const hint = `no sandbox answers at ${connection.url}, so no simulated store knows this purchase`
      // A vendor that is asked with GET asks the store.
      if (flags.as === 'curl' && requestFor(minted, flags.for).method === 'GET') process.stderr.write(`coinslot: ${hint}.\n`)
      minted.receipt = { ...minted.receipt, warnings: [...(minted.receipt.warnings ?? []), hint] }
    }
    if (!flags.send || !running) return print(own === undefined ? formOf(minted, flags, address) : ownFormOf(minted, own))
    await send(requestFor(minted, flags.for), {
      ...address,
      client: running,
      json: flags.json === true,
      again: ['coinslot mint', store, ...words.map(shellWord), ...(flags.for === undefined ? [] : ['--for', flags.for])].join(' '),
    })
  })
}

function memberLines(): string {
  return receiptStores.map((store) => wrapList(`  ${store.padEnd(12)}`, receiptMembers[store])).join('\n')
}

function wrapList(label: string, names: readonly string[]): string {
  const lines = [label]
  for (const name of names) {
    if (`${lines.at(-1)} ${name}`.length > 78) lines.push(' '.repeat(label.length))
    lines.push(`${lines.pop()} ${name}`)
  }
  return lines.join('\n')
}

/** A minted receipt with the requests that present it to vendors. */
interface Minted {
  store: ReceiptStore
  receipt: {
    unityReceipt?: string
    transactionId?: string
    originalTransactionId?: string
    signedTransactions?: string[]
    signedRenewalInfo?: string
    purchaseData?: string
    warnings?: string[]
  }
  requests: readonly VendorRequest[]
  /** Body of a notification about the purchase, if one was asked for. */
  notification?: string
}

/** Forms that one store alone has. */
const ownForms: Readonly<Partial<Record<ReceiptStore, readonly OwnForm[]>>> = {
  app_store: ['jws', 'verifyReceipt', 'notification'],
  google_play: ['notification'],
  samsung: ['notification'],
}
type OwnForm = 'jws' | 'verifyReceipt' | 'notification'

function ownForm(store: ReceiptStore, as: string): OwnForm | undefined {
  return ownForms[store]?.find((form) => form === as)
}

function ownFormOf(minted: Minted, form: OwnForm): string {
  if (form === 'verifyReceipt') return requestFor(minted, 'app_store', '--as').body
  if (form === 'notification') return minted.notification ?? ''
  const { signedTransactions = [], transactionId } = minted.receipt
  const found = signedTransactions.find((jws) => idIn(jws) === transactionId) ?? signedTransactions[0]
  if (found !== undefined) return found
  throw new UsageError('There is no JWS, because the vendor app_store is off. Start the sandbox with it.')
}

/** The transaction id in a signed transaction. */
function idIn(jws: string): unknown {
  return (JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { transactionId?: unknown }).transactionId
}

/** Makes the body of a notification about a minted purchase without sending it. */
async function notificationAbout(
  client: ControlClient,
  { store, receipt, members }: Minted & { members: Record<string, unknown> },
  wanted: string | undefined,
): Promise<string> {
  if (store === 'app_store') return JSON.stringify({ signedPayload: await signedPayloadAbout(client, receipt, wanted) })
  if (store === 'google_play') return JSON.stringify(await googleNotification(client, receipt, wanted))
  const asked = { store, members, receipt, ...(wanted !== undefined && { type: wanted }) }
  const { notifications } = await client.call<{ notifications: { body: string }[] }>('POST', 'receipts/notifications', asked)
  const [found] = notifications
  if (found) return found.body
  throw new UsageError(`No vendor that is on sends notifications about purchases of ${store}.`)
}

async function googleNotification(client: ControlClient, { purchaseData = '{}' }: Minted['receipt'], wanted: string | undefined) {
  const data = JSON.parse(purchaseData) as { packageName?: string; productId?: string; purchaseToken?: string; autoRenewing?: boolean }
  const { packageName, productId, purchaseToken, autoRenewing } = data
  if (wanted !== undefined && !/^\d+$/.test(wanted)) throw new UsageError(`--type "${wanted}" is not a number; Google's types are 1 to 22.`)
  // Bought: 4 of a subscription, 1 of a one-time product.
  const notificationType = Number(wanted ?? (autoRenewing === undefined ? 1 : 4))
  const asked = { purchaseToken, packageName, productId, notificationType, oneTime: autoRenewing === undefined, send: false }
  return (await client.call<{ body: unknown }>('POST', 'vendors/google_play/notifications', asked)).body
}

async function signedPayloadAbout(client: ControlClient, receipt: Minted['receipt'], wanted: string | undefined): Promise<string> {
  const usual = receipt.signedRenewalInfo === undefined ? 'ONE_TIME_CHARGE' : 'SUBSCRIBED/INITIAL_BUY'
  const [type, subtype] = (wanted ?? usual).split('/')
  const transactionId = receipt.originalTransactionId ?? receipt.transactionId
  const body = { transactionId, type, ...(subtype !== undefined && { subtype }), send: false }
  return (await client.call<{ signedPayload: string }>('POST', 'vendors/app_store/notifications', body)).signedPayload
}

async function mint(
  client: ControlClient,
  { store, members, needsRequest }: { store: ReceiptStore; members: Record<string, unknown>; needsRequest: boolean },
): Promise<Minted> {
  const receipt = await client.call<Minted['receipt']>('POST', `receipts/${store}`, members)
  if (!needsRequest) return { store, receipt, requests: [] }
  return { store, receipt, ...(await client.call<Pick<Minted, 'requests'>>('POST', 'receipts/requests', { store, members, receipt })) }
}

function formOf(minted: Minted, flags: MintFlags, address: SandboxAddress): string {
  switch (flags.as) {
    case 'json':
      return JSON.stringify(minted.receipt, null, 2)
    case 'unity':
      if (minted.receipt.unityReceipt !== undefined) return minted.receipt.unityReceipt
      throw new UsageError(`Unity has no container for receipts of ${minted.store}; use --as json or curl.`)
    case 'curl':
      return curlLines(requestFor(minted, flags.for), address)
    default:
      return bodyOf(requestFor(minted, flags.as, '--as'))
  }
}

/** Returns lines for the terminal of this system: the request, and the one that asks about the purchase afterwards. */
function curlLines(request: VendorRequest, address: SandboxAddress): string {
  const { method, vendor, headers, body, lookUp } = request
  const lineOf = process.platform === 'win32' ? windowsCurlLine : posixCurlLine
  const lines = [lineOf(requestUrl(request, address), { headers, ...(method !== 'GET' && { body }) })]
  if (lookUp !== undefined) lines.push(lineOf(requestUrl({ vendor, path: lookUp.path }, address), lookUp))
  if (process.platform === 'win32') process.stderr.write(`coinslot: ${windowsCurlNote(lines)}\n`)
  return lines.join('\n')
}

/** Sends the request and prints the reply with the explanation of its traffic entry; `again` is the command without `--send`. */
async function send(
  request: VendorRequest,
  { client, json, again, ...address }: SandboxAddress & { client: ControlClient; json: boolean; again: string },
): Promise<void> {
  const { method = 'POST', headers, body } = request
  const reply = await nodeFetch(requestUrl(request, address), { method, headers, ...(method === 'POST' && { body }) })
  const text = await reply.text()
  const id = reply.headers.get('x-sandbox-request')
  const entry = id === null ? undefined : await client.call<TrafficEntry>('GET', `traffic/${id}`).catch(() => undefined)
  if (json) return print(writeAsSent(entry ?? { status: reply.status, body: text }))
  if (!entry)
    return print(
      `${method} ${request.vendor} ${request.path}: ${reply.status}\n${text}\nNo traffic entry was found, so there is no explanation.`,
    )
  print([entryText(entry, colorsFor(process.stdout)), ...bodyLines(entry.replyBody)].join('\n'))
  // A store that confirms later is asked with the same receipt, and each mint makes a new one.
  if (entry.verdict === 'pending')
    process.stderr.write(
      `This receipt is not kept. To send one receipt twice, save its request: ${again} --as curl > buy.sh && sh buy.sh\n`,
    )
}

/** The request for a vendor; without one, for the first vendor that takes the bare receipt, else for the first. */
function requestFor({ store, requests }: Minted, vendor: string | undefined, flag: '--as' | '--for' = '--for'): VendorRequest {
  const usual = requests.find(({ container, method }) => container === undefined && method !== 'GET') ?? requests[0]
  const found = vendor === undefined ? usual : requests.find((one) => one.vendor === vendor)
  if (found) return found
  if (!usual) throw new UsageError(`No vendor that is on takes receipts of ${store}. Start the sandbox with such a vendor.`)
  const takers = requests.map((one) => one.vendor)
  if (flag === '--as') {
    const choices = ['json', 'unity', 'curl', ...(ownForms[store] ?? []), ...takers]
    throw new UsageError(`--as "${vendor}" is invalid. Allowed choices are ${choices.join(', ')}.`)
  }
  throw new UsageError(`${vendor} takes no receipts of ${store}. Use ${takers.map((id) => `--for ${id}`).join(' or ')}.`)
}

/** A request that presents a receipt, with the vendor it is for. */
type VendorRequest = ReceiptRequest & { vendor: string }

function bodyOf({ method, vendor, body }: VendorRequest): string {
  if (method === 'GET') throw new UsageError(`${vendor} is asked with GET, which has no body. Use --as curl --for ${vendor}.`)
  return body
}

/** Address of a sandbox and the workspace in it, the one of the address unless named. */
interface SandboxAddress {
  url: string
  workspace?: string | undefined
}

/** Returns the whole address of a request. */
function requestUrl({ vendor, path }: Pick<VendorRequest, 'vendor' | 'path'>, { url, workspace }: SandboxAddress): string {
  return `${url}${workspace === undefined ? '' : `/@${workspace}`}/${vendor}${path}`
}

function shellWord(word: string): string {
  return /^[\w.,:=@/-]+$/.test(word) ? word : posixQuoted(word)
}

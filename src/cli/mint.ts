import { Command } from 'commander'
import type { TrafficEntry } from '../client/types.js'
import type { ControlClient } from '../client/control-client.js'
import { nodeFetch } from '../client/node-fetch.js'
import { isBoundToSandbox, isReceiptStore, ordinaryReceipts, receiptMembers, receiptStores, type ReceiptStore } from '../receipts/kinds.js'
import type { ReceiptRequest } from '../receipts/presented.js'
import { clientFor, findConnection, withConnection, workspaceOf, type ConnectionFlags } from './connection.js'
import { posixCurlLine, windowsCurlLine, windowsCurlNote } from './curl-line.js'
import { bodyLines, entryText } from './entry-text.js'
import { readMembers } from './members.js'
import { runningClient, withPackagedSandbox } from './offline.js'
import { colorsFor, print } from './output.js'
import { UsageError, withExamples } from './usage.js'

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
      'form of the output: json, unity, curl, or a vendor, for the body it takes; of app_store also jws, verifyReceipt, notification',
      'json',
    )
    .option('--type <type>', 'type of the notification, with a subtype: DID_RENEW, EXPIRED/VOLUNTARY')
    .option('--for <vendor>', 'vendor that --send and --as curl address')
    .option('--send', 'send it to the running sandbox; print the answer and why')
    .argument('<store>', receiptStores.join(', '))
    .argument('[members...]', 'members of the receipt: productId=gems.10, --product-id gems.10')
    .allowUnknownOption()
  command.addHelpText(
    'after',
    `\nMembers, each optional:\n${memberLines()}\ntamper=signature, data or key forges a receipt; OUYA and Samsung take none.`,
  )
  withExamples(command, [
    'coinslot mint google_play --send',
    'coinslot mint google_play tamper=signature --for gameofwhales --send',
    'coinslot mint app_store productId=gems.10 --as unity',
    'coinslot mint app_store productId=club.monthly period=P1M --as notification --type DID_RENEW',
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
    const own = ownForm(store, flags.as)
    if (flags.type !== undefined && own !== 'notification') throw new UsageError('--type belongs to --as notification of app_store.')
    const work = async (client: ControlClient) => {
      const needsRequest = flags.send || own === 'verifyReceipt' || (own === undefined && !['json', 'unity'].includes(flags.as))
      const minted = await mint(client, { store, members, needsRequest })
      return { ...minted, ...(own === 'notification' && { notification: await notificationAbout(client, minted, flags.type) }) }
    }
    const minted = await (running ? work(running) : withPackagedSandbox(work))
    if (!flags.send || !running) return print(own === undefined ? formOf(minted, flags, address) : ownFormOf(minted, own))
    await send(requestFor(minted, flags.for), { ...address, client: running, json: flags.json === true })
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
  }
  requests: readonly VendorRequest[]
  /** A notification about the purchase, if one was asked for. */
  notification?: { signedPayload: string }
}

/** Forms that one store alone has. */
const ownForms: Readonly<Partial<Record<ReceiptStore, readonly OwnForm[]>>> = { app_store: ['jws', 'verifyReceipt', 'notification'] }
type OwnForm = 'jws' | 'verifyReceipt' | 'notification'

function ownForm(store: ReceiptStore, as: string): OwnForm | undefined {
  return ownForms[store]?.find((form) => form === as)
}

function ownFormOf(minted: Minted, form: OwnForm): string {
  if (form === 'verifyReceipt') return requestFor(minted, 'app_store', '--as').body
  if (form === 'notification') return JSON.stringify({ signedPayload: minted.notification?.signedPayload })
  const { signedTransactions = [], transactionId } = minted.receipt
  const found = signedTransactions.find((jws) => idIn(jws) === transactionId) ?? signedTransactions[0]
  if (found !== undefined) return found
  throw new UsageError('There is no JWS, because the vendor app_store is off. Start the sandbox with it.')
}

/** The transaction id in a signed transaction. */
function idIn(jws: string): unknown {
  return (JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { transactionId?: unknown }).transactionId
}

/** Makes a notification about a minted purchase without sending it. */
async function notificationAbout(
  client: ControlClient,
  { receipt }: Minted,
  wanted: string | undefined,
): Promise<{ signedPayload: string }> {
  const usual = receipt.signedRenewalInfo === undefined ? 'ONE_TIME_CHARGE' : 'SUBSCRIBED/INITIAL_BUY'
  const [type, subtype] = (wanted ?? usual).split('/')
  const body = {
    transactionId: receipt.originalTransactionId ?? receipt.transactionId,
    type,
    ...(subtype !== undefined && { subtype }),
    send: false,
  }
  return client.call('POST', 'vendors/app_store/notifications', body)
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
      return requestFor(minted, flags.as, '--as').body
  }
}

/** Returns lines for the terminal of this system: the request, and the one that asks about the purchase afterwards. */
function curlLines(request: VendorRequest, address: SandboxAddress): string {
  const { vendor, lookUp } = request
  const lineOf = process.platform === 'win32' ? windowsCurlLine : posixCurlLine
  const lines = [lineOf(requestUrl(request, address), request)]
  if (lookUp !== undefined) lines.push(lineOf(requestUrl({ vendor, path: lookUp.path }, address), lookUp))
  if (process.platform === 'win32') process.stderr.write(`coinslot: ${windowsCurlNote(lines)}\n`)
  return lines.join('\n')
}

/** Sends the request and prints the reply with the explanation of its traffic entry. */
async function send(
  request: VendorRequest,
  { client, json, ...address }: SandboxAddress & { client: ControlClient; json: boolean },
): Promise<void> {
  const { headers, body } = request
  const reply = await nodeFetch(requestUrl(request, address), { method: 'POST', headers, body })
  const text = await reply.text()
  const id = reply.headers.get('x-sandbox-request')
  const entry = id === null ? undefined : await client.call<TrafficEntry>('GET', `traffic/${id}`).catch(() => undefined)
  if (json) return print(JSON.stringify(entry ?? { status: reply.status, body: text }))
  if (!entry)
    return print(
      `POST ${request.vendor} ${request.path}: ${reply.status}\n${text}\nNo traffic entry was found, so there is no explanation.`,
    )
  print([entryText(entry, colorsFor(process.stdout)), ...bodyLines(entry.replyBody)].join('\n'))
}

/** The request for a vendor; without one, for the first vendor that takes the bare receipt, else for the first. */
function requestFor({ store, requests }: Minted, vendor: string | undefined, flag: '--as' | '--for' = '--for'): VendorRequest {
  const usual = requests.find(({ container }) => container === undefined) ?? requests[0]
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

/** Address of a sandbox and the workspace in it, the one of the address unless named. */
interface SandboxAddress {
  url: string
  workspace?: string | undefined
}

/** Returns the whole address of a request. */
function requestUrl({ vendor, path }: Pick<VendorRequest, 'vendor' | 'path'>, { url, workspace }: SandboxAddress): string {
  return `${url}${workspace === undefined ? '' : `/@${workspace}`}/${vendor}${path}`
}

import { Command, Option } from 'commander'
import type { AppStoreReceipt, GooglePlayReceipt, SamsungReceipt } from '../api/receipts.js'
import type { ControlClient } from '../client/control-client.js'
import { isReceiptStore, ordinaryReceipts, receiptStores, type ReceiptStore } from '../client/ordinary-receipts.js'
import { asRequest, curlLine, type MintedReceipt, type ReceiptRequest } from '../client/receipt-request.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { withSandbox } from './offline.js'
import { readMembers } from './members.js'
import { UsageError } from './usage-error.js'

/** Shorter names that people try first. */
const aliases: Readonly<Record<ReceiptStore, Record<string, string>>> = {
  google_play: { package: 'packageName', product: 'productId' },
  app_store: { bundle: 'bundleId', product: 'productId', transaction: 'transactionId' },
  samsung: { item: 'itemId', product: 'itemId', payment: 'paymentId' },
  ouya: { packageName: 'package', product: 'identifier', user: 'username' },
}

interface MintFlags extends ConnectionFlags {
  as: 'json' | 'unity' | 'mbaasy' | 'gameofwhales' | 'curl'
  for?: string
}

/** `coinslot mint`: a signed receipt, in the form in which it is wanted. */
export function mintCommand(): Command {
  return withConnection(new Command('mint').description('print a signed receipt'))
    .addOption(new Option('--as <form>', 'in which form').choices(['json', 'unity', 'mbaasy', 'gameofwhales', 'curl']).default('json'))
    .option('--for <vendor>', 'whom the curl line asks')
    .argument('<store>', receiptStores.join(', '))
    .argument('[members...]', 'members of the receipt: --package-name com.example.game, productId=gems.10 …')
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nMembers are those of POST /_sandbox/receipts/{store}. Any may be left out;\ntamper=signature, tamper=data or tamper=key spoils the receipt.',
    )
    .action(async (store: string, words: string[], flags: MintFlags, command: Command) => {
      if (!isReceiptStore(store)) throw new UsageError(`There is no store "${store}"; there are ${receiptStores.join(', ')}.`)
      const members = { ...ordinaryReceipts[store], ...readMembers(words, aliases[store]) }
      // Samsung's and OUYA's receipts are known to the sandbox that minted them, so the running one must.
      const minted = await (store === 'samsung' || store === 'ouya'
        ? mint(connect(flags), store, members)
        : withSandbox(flags, command, (client) => mint(client, store, members)))
      process.stdout.write(`${formOf(minted, flags)}\n`)
    })
}

async function mint(client: ControlClient, store: ReceiptStore, members: Record<string, unknown>): Promise<MintedReceipt> {
  const path = `receipts/${store}`
  switch (store) {
    case 'google_play':
      return { store, members, receipt: await client.call<GooglePlayReceipt>('POST', path, members) }
    case 'app_store':
      return { store, members, receipt: await client.call<AppStoreReceipt>('POST', path, members) }
    case 'samsung':
      return { store, members, receipt: await client.call<SamsungReceipt>('POST', path, members) }
    case 'ouya':
      return { store, members, receipt: await client.call<{ form: string; uuid: string }>('POST', path, members) }
  }
}

function formOf(minted: MintedReceipt, flags: MintFlags): string {
  switch (flags.as) {
    case 'json':
      return JSON.stringify(minted.receipt, null, 2)
    case 'unity':
      if (minted.store === 'ouya') throw new UsageError('Unity has no receipt container for OUYA; use --as json or curl.')
      return minted.receipt.unityReceipt
    case 'mbaasy':
    case 'gameofwhales':
      return requestFor(minted, flags.as).body
    case 'curl':
      return curlLine(requestFor(minted, flags.for), flags)
  }
}

function requestFor(minted: MintedReceipt, vendor: string | undefined): ReceiptRequest {
  const request = asRequest(minted, vendor)
  if (request) return request
  throw new UsageError(`${vendor} takes no receipts of ${minted.store}. ${takers(minted)}`)
}

function takers(minted: MintedReceipt): string {
  const ids = ['gameofwhales', 'mbaasy', 'ouya'].filter((id) => asRequest(minted, id) !== undefined)
  return `Use ${ids.map((id) => `--for ${id}`).join(' or ')}.`
}

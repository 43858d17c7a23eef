import { Command } from 'commander'
import { realTime } from '../kernel/clock.js'
import { print } from './output.js'
import { UsageError, withExamples } from './usage.js'

/** Private keys of the default seed by vendor, in the form in which the vendor hands them out. */
const privateKeys: Readonly<Record<string, () => Promise<string>>> = {
  google_play: async () => (await import('../receipts/google-service-account.js')).serviceAccountFile(),
  app_store: async () => (await import('../receipts/app-store/jws/development.js')).connectKey(),
  samsung: async () => (await import('../receipts/samsung.js')).serviceAccountKey(),
}

interface TokenFlags {
  bundleId?: string
  keyId?: string
  issuerId?: string
}

/** `coinslot key`: the private key of the default seed, which client libraries load as it is. */
export function keyCommand(): Command {
  const names = Object.keys(privateKeys)
  const command = new Command('key')
    .summary("print a vendor's private key of the default seed")
    .description('print the private key of the default seed, as the vendor hands it out; it is\npublished and worthless')
    .argument('<vendor>', names.join(', '))
  withExamples(command, ['coinslot key app_store > AuthKey_SANDBOX001.p8', 'coinslot key google_play > service-account.json'])
  return command.action(async (vendor: string) => {
    const read = privateKeys[vendor]
    if (!read) throw new UsageError(`There is no private key of "${vendor}"; there are those of ${names.join(', ')}.`)
    process.stdout.write(await read())
  })
}

/** `coinslot token`: a bearer token for the App Store Server API, signed with that key. */
export function tokenCommand(): Command {
  const command = new Command('token')
    .summary('print a bearer token for the App Store Server API')
    .description('print a bearer token for the App Store Server API, signed with the key of the\ndefault seed and valid for 20 minutes')
    .argument('<vendor>', 'app_store')
    .option('--bundle-id <id>', 'bundle id of the app')
    .option('--key-id <id>', 'id of the key')
    .option('--issuer-id <id>', 'id of the issuer')
  withExamples(command, [
    'curl -H "Authorization: Bearer $(coinslot token app_store)" …',
    'coinslot token app_store --bundle-id com.example.other',
  ])
  return command.action(async (vendor: string, flags: TokenFlags) => {
    if (vendor !== 'app_store') throw new UsageError(`There are no tokens of "${vendor}"; there are those of app_store.`)
    const { connectToken } = await import('../receipts/app-store/jws/connect-token.js')
    print(connectToken(new Date(realTime()), flags))
  })
}

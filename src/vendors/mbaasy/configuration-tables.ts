import { z } from 'zod'
import { table } from '../../kernel/table.js'
import { parseLicenseKey } from '../../pki/keys.js'
import { rootFault } from './receipts/app-store-trust.js'
import { patternFault } from './patterns.js'

const text = z.string().min(1)

/** Which of a store's two worlds a purchase is from. */
export const environment = z.enum(['sandbox', 'production'])

/** Adds what is wrong with a text, found by `faultOf`, worded to follow "the … ". */
function fitting(faultOf: (value: string) => string | undefined, noun: string) {
  return z.string().superRefine((value, context) => {
    const fault = faultOf(value)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: `the ${noun} ${fault}` })
  })
}

const licenseKey = fitting((value) => {
  const parsed = parseLicenseKey(value)
  return parsed.ok ? undefined : parsed.reason
}, 'key')

/** What the console calls an "App". */
export const appFamilies = table(
  z.strictObject({
    id: z.guid(),
    name: text,
    /** Client API access tokens: one word each, as they come after "Bearer". */
    tokens: z.array(z.string().regex(/^[\x21-\x7e]+$/, 'a token is one word of printable ASCII')),
    /** Entitlement, offering, patterns: found anywhere in a product id. */
    entitlements: z.record(z.string(), z.record(z.string(), z.array(fitting(patternFault, 'pattern')))).optional(),
  }),
  ['id'],
  { byToken: (row) => row.tokens },
)

/** Android apps of a family. */
export const playStoreApps = table(
  z.strictObject({
    packageName: text,
    appFamilyId: z.guid(),
    /** Base64 of the SubjectPublicKeyInfo, as the Play Console shows it. */
    licenseKey,
    /** What a purchase is when nothing tells a test from a real one; absent: production. */
    environment: environment.optional(),
    /** The end of the topic that Google's notifications go to. */
    statusSlug: text.optional(),
  }),
  ['packageName'],
  { bySlug: (row) => row.statusSlug },
)

/** iOS apps of a family. */
export const appStoreApps = table(
  z.strictObject({
    bundleId: text,
    appFamilyId: z.guid(),
    sharedSecret: text,
    /** PEM certificates, trusted beside the built-in ones. */
    roots: z.array(fitting(rootFault, 'root')).optional(),
    /** Takes receipts that Xcode signed itself. */
    allowXcode: z.boolean().optional(),
    /** The end of the address that Apple's notifications go to. */
    statusSlug: text.optional(),
  }),
  ['bundleId'],
  { bySlug: (row) => row.statusSlug },
)

/** Where the events of a family go. */
export const webhooks = table(
  z.strictObject({ appFamilyId: z.guid(), name: text, url: z.url({ protocol: /^https?$/ }), hmacKey: text }),
  ['appFamilyId', 'name'],
  { byFamily: (row) => row.appFamilyId },
)

import { z } from 'zod'
import { table } from '../../kernel/table.js'
import { licenseKeyField, rootField } from '../../receipts/key-fields.js'
import { patternError } from './patterns.js'

const text = z.string().min(1)

/** Environment of a purchase. */
export const environment = z.enum(['sandbox', 'production'])

const pattern = z.string().superRefine((value, context) => {
  const error = patternError(value)
  if (error !== undefined) context.addIssue({ code: 'custom', message: `the pattern ${error}` })
})

/** App families; the vendor's console calls them "App". */
export const appFamilies = table(
  z.strictObject({
    id: z.guid(),
    name: text,
    /** Client API access tokens: one word each, as they come after "Bearer". */
    tokens: z.array(z.string().regex(/^[\x21-\x7e]+$/, 'a token is one word of printable ASCII')),
    /** Entitlement, offering, patterns: found anywhere in a product id. */
    entitlements: z.record(z.string(), z.record(z.string(), z.array(pattern))).optional(),
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
    licenseKey: licenseKeyField,
    /** Environment of purchases that are not recognized as tests; absent: production. */
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
    /** PEM certificates that are trusted in addition to the built-in ones. */
    roots: z.array(rootField).optional(),
    /** Accepts receipts that Xcode signed itself. */
    allowXcode: z.boolean().optional(),
    /** The end of the address that Apple's notifications go to. */
    statusSlug: text.optional(),
  }),
  ['bundleId'],
  { bySlug: (row) => row.statusSlug },
)

/** Receivers of a family's events. */
export const webhooks = table(
  z.strictObject({ appFamilyId: z.guid(), name: text, url: z.url({ protocol: /^https?$/ }), hmacKey: text }),
  ['appFamilyId', 'name'],
  { byFamily: (row) => row.appFamilyId },
)

import { z } from 'zod'
import { evenIfInvalid, stores } from './wire.js'

const at = z.number().optional().describe('Unix milliseconds; default: now')
const price = z.number().min(0.01).describe('Local price times 100, for every currency')
const currency = z.string().min(1).describe('Currency code')
const camp = z.string().min(1).describe('Campaign id')

/** Arguments of `receipt` (vendor page). */
export const receiptEvent = z.looseObject({
  currency,
  price,
  receipt: z.string().describe('Unity IAP receipt container, a JSON string'),
  transactionId: z.string().min(1).describe('Store transaction id'),
  at,
})
export type ReceiptEvent = z.infer<typeof receiptEvent>

/** Arguments of `purchase`; without `verify` a shipped client sends receipt and transaction id as empty strings. */
export const purchaseEvent = z
  .looseObject({
    product: z.string().min(1).describe('SKU'),
    currency,
    price,
    store: z.enum(stores).optional().describe('Default: common.store'),
    verify: z.boolean().optional().describe('Default: false'),
    receipt: z.string().optional().describe('Required with verify: the container, or its Payload alone'),
    transactionId: z.string().optional().describe('Required with verify'),
    at,
  })
  .check(
    z.refine(({ verify, receipt }) => verify !== true || receipt !== undefined, {
      path: ['receipt'],
      params: { keyword: 'required', accepted: 'a Unity IAP receipt container, as a string' },
      error: 'is a required property when verify is true',
      when: evenIfInvalid,
    }),
    z.refine(({ verify, transactionId }) => verify !== true || transactionId !== undefined, {
      path: ['transactionId'],
      params: { keyword: 'required', accepted: 'the transaction id of the store' },
      error: 'is a required property when verify is true',
      when: evenIfInvalid,
    }),
    z.refine(({ verify, transactionId }) => verify !== true || transactionId !== '', {
      path: ['transactionId'],
      params: { keyword: 'minLength', accepted: 'the transaction id of the store' },
      error: 'should NOT be shorter than 1 characters when verify is true',
      when: evenIfInvalid,
    }),
  )
export type PurchaseEvent = z.infer<typeof purchaseEvent>

/** Arguments of a method without arguments, or with the time only. */
export const bareEvent = z.looseObject({ at }).optional()

/** Arguments of `profile`; the SDK's documents allow 3000 properties. */
export const profileEvent = z.looseObject({
  params: z.record(z.string(), z.unknown()).check(
    z.refine((params) => Object.keys(params).length <= mostProperties, {
      params: { keyword: 'maxProperties', accepted: 'an object of at most 3000 properties' },
      error: 'should NOT have more than 3000 properties',
    }),
  ),
  at,
})
export type ProfileEvent = z.infer<typeof profileEvent>

/** Maximum number of properties of a user (SDK documents). */
export const mostProperties = 3000

/** Arguments of `converting`: positive amounts were gained, negative ones spent. */
export const convertingEvent = z.looseObject({ resources: z.record(z.string(), z.int()), place: z.string(), at })

const resource = { number: z.number().optional(), amount: z.number(), currency: z.string().min(1), place: z.string().optional(), at }

/** Arguments of `consume`: a currency that was spent. */
export const consumeEvent = z.looseObject({ ...resource, sink: z.string() })

/** Arguments of `acquire`: a currency that was gained. */
export const acquireEvent = z.looseObject({ ...resource, source: z.string() })

/** Arguments of `token`: the address for pushes. */
export const tokenEvent = z.looseObject({ token: z.string().min(1), provider: z.enum(['apn', 'gcm', 'fcm']), at })

/** Arguments of `pushDelivered` and `pushReacted`. */
export const campaignEvent = z.looseObject({ camp, at })

/** Arguments of `adAction`. */
export const adActionEvent = z.looseObject({ camp, adAction: z.enum(['loaded', 'showed', 'clicked']), at })

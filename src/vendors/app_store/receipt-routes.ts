import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import type { Route } from '../../contract.js'
import { once } from '../../kernel/once.js'
import { refused, type Outcome } from '../../kernel/outcome.js'
import { receiptExample } from './examples.js'
import { receiptHosts } from './hosts.js'
import type { AppStoreTables } from './tables.js'

// Loaded when first needed, because most runs never need it.
const verification = once(() => import('./receipts/verify-receipt.js'))

/** Outcomes of verifyReceipt with the `status` that each stands for; the HTTP status is always 200. */
const receiptOutcomes: Readonly<Record<string, Outcome>> = {
  valid: 200,
  malformed: refused(200),
  'not-authentic': refused(200),
  'wrong-password': refused(200),
  'server-unavailable': { verdict: 'failed', status: 200 },
  expired: refused(200),
  'sandbox-receipt': refused(200),
  'production-receipt': refused(200),
}

const receiptReply = z
  .object({
    status: z.int(),
    environment: z.string().optional(),
    receipt: z.record(z.string(), z.unknown()).optional(),
    latest_receipt: z.string().optional(),
    latest_receipt_info: z.unknown().optional(),
    pending_renewal_info: z.array(z.record(z.string(), z.string())).optional(),
  })
  .describe(
    'status: 0 valid, 21000 not a POST, 21002 malformed, 21003 not authentic, 21004 wrong password, 21005 unavailable, 21006 expired, 21007 from the sandbox, 21008 from production',
  )

const verifyReceipt: Route<AppStoreTables> = {
  method: 'POST',
  path: '/verifyReceipt',
  hosts: receiptHosts,
  summary: 'Verify a receipt; deprecated by Apple, and answering',
  evidence: evidence('documented', 'Apple’s reference, App Store Receipts', [
    'the environment is judged before the signature, because clients try the other environment on 21007 alone',
    'a genuine receipt of an app in app_store.apps makes its purchases known to the store',
    'a request of any other method is answered with 200 and status 21000',
    '21009, 21010 and 21100 to 21199 are named replies of faults',
  ]),
  request: {
    json: z.object({
      'receipt-data': z.string().describe('App receipt or transaction receipt in Base64'),
      password: z.string().optional().describe('The shared secret; needed for auto-renewable subscriptions'),
      'exclude-old-transactions': z.boolean().optional(),
    }),
    example: { 'receipt-data': receiptExample, password: '0123456789abcdef0123456789abcdef' },
  },
  outcomes: receiptOutcomes,
  responses: { 200: { description: 'The verdict is in `status`', schema: receiptReply } },
  handle: async (call) => (await verification()).verifyReceipt(call),
}

/** Calls of verifyReceipt. */
export const receiptRoutes: readonly Route<AppStoreTables>[] = [verifyReceipt]

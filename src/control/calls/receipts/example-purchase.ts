import { z } from 'zod'
import type { MintedReceipt, ReceiptRequest, Route, Vendor } from '../../../contract.js'
import { NotFound } from '../../../kernel/problem.js'
import { routeOperation } from '../../../openapi/operations.js'
import { exampleRequest } from '../../../openapi/page/call.js'
import { blankReceipts, ordinaryReceipts, receiptStores, type ReceiptStore } from '../../../receipts/kinds.js'
import { controlCall, type ControlInput } from '../../call.js'
import { vendorOf } from '../vendors.js'
import { receiptCalls } from './mint.js'

const requestShape = z.object({
  method: z.string(),
  path: z.string().describe('Below the prefix of the vendor'),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
})

type ExamplePurchase = z.infer<typeof requestShape>

/** A purchase to try a vendor with. */
export const examplePurchaseCalls = [
  controlCall({
    method: 'POST',
    path: '/vendors/{id}/purchase',
    tag: 'vendors',
    summary: 'A request with a purchase that the vendor accepts with the default seed. It is not sent; a receipt that it needs is minted',
    answers: {
      200: { description: 'The request', schema: requestShape },
      404: { description: 'Unknown vendor, or one without a route' },
    },
    async handle(input) {
      const vendor = vendorOf(input.context, input.params['id'])
      const store = receiptStores.find((each) => vendor.present?.(blankReceipts[each]) !== undefined)
      return store === undefined ? documentedPurchase(vendor) : purchaseWithReceipt(input, vendor, store)
    },
  }),
]

async function purchaseWithReceipt(input: ControlInput, vendor: Vendor, store: ReceiptStore): Promise<ExamplePurchase> {
  const call = receiptCalls(input.context.vendors).find(({ path }) => path === `/receipts/${store}`)!
  const members = ordinaryReceipts[store]
  const minted = await call.handle({ ...input, body: call.body!.parse(members) })
  const receipt: unknown = minted instanceof Response ? await minted.json() : minted
  // The response of minting is what `present` takes.
  const request = vendor.present!({ store, members, receipt } as MintedReceipt)
  return presented(request!)
}

function presented({ method = 'POST', path, headers, body }: ReceiptRequest): ExamplePurchase {
  return { method, path, headers: { ...headers }, ...(method === 'POST' && { body }) }
}

/** Returns the documented example of the route that takes purchases. */
function documentedPurchase(vendor: Vendor): ExamplePurchase {
  const route = purchaseRoute(vendor.routes)
  if (!route) throw new NotFound({ type: 'unknown-route', title: 'Route not found.', detail: `${vendor.title} has no route.` })
  const { method, target, headers, body } = exampleRequest(route.method, route.path, routeOperation(vendor, route, {}))
  return { method, path: target, headers: Object.fromEntries(headers), ...(body !== undefined && { body }) }
}

function purchaseRoute(routes: readonly Route[]): Route | undefined {
  const posts = routes.filter(({ method }) => method === 'POST')
  return posts.find(({ path }) => /purchase|order|payment/i.test(path)) ?? posts[0] ?? routes[0]
}

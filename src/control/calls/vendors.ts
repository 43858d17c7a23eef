import { z } from 'zod'
import type { Vendor } from '../../contract.js'
import type { ControlContext } from '../context.js'
import { NotFound } from '../../kernel/problem.js'
import { controlCall } from '../call.js'
import { outcomesOf } from './filter-check.js'

const vendorShape = z.object({
  id: z.string(),
  title: z.string(),
  baseUrls: z.array(z.string()),
  hosts: z.array(z.string()),
  ports: z.array(z.number()),
  routes: z.array(
    z.object({
      method: z.string(),
      path: z.string(),
      summary: z.string(),
      evidence: z.object({ level: z.string(), source: z.string(), gaps: z.array(z.string()) }),
    }),
  ),
  outcomes: z.array(z.string()),
  replies: z.array(z.object({ name: z.string(), status: z.number(), summary: z.string() })),
})

/** The vendors with their routes, evidence, outcomes and the replies that a fault can send by name. */
export const vendorCalls = [
  controlCall({
    method: 'GET',
    path: '/vendors',
    tag: 'vendors',
    summary: 'The vendors that are on',
    answers: { 200: { description: 'The vendors', schema: z.object({ vendors: z.array(vendorShape) }) } },
    handle: async ({ context }) => ({ vendors: context.vendors.map(describeVendor) }),
  }),
  controlCall({
    method: 'GET',
    path: '/vendors/{id}',
    tag: 'vendors',
    summary: 'One vendor: routes with evidence, outcomes, named replies',
    answers: { 200: { description: 'The vendor', schema: vendorShape }, 404: { description: 'Unknown vendor' } },
    handle: async ({ context, params }) => describeVendor(vendorOf(context, params['id'])),
  }),
]

/** Returns a vendor that is on. @throws NotFound if no vendor that is on has this id */
export function vendorOf(context: ControlContext, id: string | undefined): Vendor {
  const vendor = context.vendors.find((candidate) => candidate.id === id)
  if (vendor) return vendor
  throw new NotFound({
    type: 'unknown-vendor',
    title: 'Vendor not found.',
    detail: `There is no vendor "${id}", or it is off; available: ${context.vendors.map((known) => known.id).join(', ')}.`,
  })
}

/** The form in which the control API shows a vendor. */
export function describeVendor(vendor: Vendor): z.infer<typeof vendorShape> {
  const { id, title, baseUrls, hosts, ports, routes, replies } = vendor
  return {
    id,
    title,
    baseUrls: [...baseUrls],
    hosts: [...hosts],
    ports: [...ports],
    routes: routes.map(({ method, path, summary, evidence }) => ({
      method,
      path,
      summary,
      evidence: { ...evidence, gaps: [...evidence.gaps] },
    })),
    outcomes: outcomesOf(vendor),
    replies: Object.entries(replies).map(([name, { status, summary }]) => ({ name, status, summary })),
  }
}

import type { ControlRoute, Vendor } from '../../contract.js'
import type { ControlContext } from '../context.js'
import type { Reply } from '../../kernel/reply.js'
import { scopeOf } from '../../workspace/scope.js'
import type { OpenWorkspace } from '../../workspace/workspaces.js'
import { controlCall, type ControlCall } from '../call.js'

/** Input of a control call that a vendor declares. */
export interface VendorCallInput {
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  body: unknown
}

/** The control calls that vendors declare, each under `/vendors/{id}`. */
export function vendorOwnCalls(vendors: readonly Vendor[]): ControlCall[] {
  return vendors.flatMap((vendor) => (vendor.control ?? []).map((route) => ownCall(vendor, route)))
}

/** Runs a control call of a vendor; its body has passed the schema. */
export async function askVendor(
  context: ControlContext,
  { space }: Pick<OpenWorkspace, 'space'>,
  vendor: Vendor,
  route: ControlRoute,
  input: VendorCallInput,
): Promise<Reply> {
  return route.handle(scopeOf(context, space, await space.setting(), vendor.id), input)
}

function ownCall(vendor: Vendor, route: ControlRoute): ControlCall {
  return controlCall({
    method: route.method,
    path: `/vendors/${vendor.id}${route.path}`,
    tag: 'vendors',
    summary: `${vendor.title}: ${route.summary}`,
    ...(route.body && { body: route.body, bodyOptional: route.body.safeParse(undefined).success }),
    answers: { [route.status ?? 200]: { description: route.summary } },
    async handle({ context, c, params, body, reading, writing }) {
      const open = route.method === 'GET' ? await reading() : await writing()
      return responseTo(await askVendor(context, open, vendor, route, { params, query: new URL(c.req.url).searchParams, body }))
    },
  })
}

function responseTo({ status, headers, body }: Reply): Response {
  const sent = new Headers()
  for (const [name, value] of Object.entries(headers)) for (const one of [value].flat()) sent.append(name, one)
  return new Response(status === 204 ? null : (body as ConstructorParameters<typeof Response>[0]), { status, headers: sent })
}

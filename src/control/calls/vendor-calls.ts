import type { ControlRoute, Vendor } from '../../contract.js'
import type { Reply } from '../../kernel/reply.js'
import { scopeOf } from '../../workspace/scope.js'
import { controlCall, type ControlCall } from '../call.js'

/** The control calls that vendors declare, each under `/vendors/{id}`. */
export function vendorOwnCalls(vendors: readonly Vendor[]): ControlCall[] {
  return vendors.flatMap((vendor) => (vendor.control ?? []).map((route) => ownCall(vendor, route)))
}

function ownCall(vendor: Vendor, route: ControlRoute): ControlCall {
  const { status = 200, mediaType = 'application/json' } = route
  return controlCall({
    method: route.method,
    path: `/vendors/${vendor.id}${route.path}`,
    tag: 'vendors',
    summary: `${vendor.title}: ${route.summary}`,
    ...(route.body && { body: route.body, bodyOptional: route.body.safeParse(undefined).success }),
    answers: { [status]: { description: route.summary, ...(status !== 204 && { mediaType }) } },
    async handle({ context, c, params, body, reading, writing }) {
      const { space } = route.method === 'GET' ? await reading() : await writing()
      const scope = scopeOf(context, space, await space.setting(), vendor.id)
      // The body has passed the schema of the route.
      return responseTo(await route.handle(scope, { params, query: new URL(c.req.url).searchParams, body }))
    },
  })
}

function responseTo({ status, headers, body }: Reply): Response {
  const sent = new Headers()
  for (const [name, value] of Object.entries(headers)) for (const one of [value].flat()) sent.append(name, one)
  return new Response(status === 204 ? null : (body as ConstructorParameters<typeof Response>[0]), { status, headers: sent })
}

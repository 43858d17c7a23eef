import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { listeningPort } from '../../kernel/listening-port.js'
import { InvalidInput, NotFound } from '../../kernel/problem.js'
import { receivedAt } from '../../traffic/matching/brief.js'
import { checkWorkspaceName } from '../../workspace/workspaces.js'
import { jsonResponse } from '../app.js'
import { controlCall } from '../call.js'
import { setImmediate } from '../../kernel/timers.js'

const credentialShape = z.strictObject({ vendor: z.string(), value: z.string().min(1) })
/** The form in which the control API shows a workspace. */
export const workspaceShape = z.object({
  name: z.string(),
  rows: z.number(),
  requests: z.number().describe('Kept requests; those before a restart are not kept'),
  lastRequestAt: z.iso.datetime().nullable().describe('Of the newest kept one, by the real clock'),
  ports: z.array(z.number()),
  credentials: z.array(credentialShape),
})
const claimRequest = z
  .strictObject({ port: listeningPort.optional(), credentials: z.array(credentialShape).max(1_000).default([]) })
  .default({ credentials: [] })

/** Workspaces with the ports and credentials that they claim. */
export const workspaceCalls = [
  controlCall({
    method: 'GET',
    path: '/workspaces',
    tag: 'workspaces',
    summary: 'Every workspace',
    answers: { 200: { description: 'By name', schema: z.object({ workspaces: z.array(workspaceShape) }) } },
    async handle({ context }) {
      const names = (await context.store.names()).sort()
      const workspaces = []
      for (const [at, name] of names.entries()) {
        // Other requests are served between batches, because counting thousands of workspaces takes a while.
        if (at % 50 === 49) await new Promise((resume) => setImmediate(resume))
        const shown = await show(context, name)
        if (shown) workspaces.push(shown)
      }
      return { workspaces }
    },
  }),
  controlCall({
    method: 'GET',
    path: '/workspaces/{name}',
    tag: 'workspaces',
    summary: 'One workspace',
    answers: { 200: { description: 'The workspace', schema: workspaceShape }, 404: { description: 'Workspace not found' } },
    async handle({ context, params }) {
      const name = checkWorkspaceName(params['name'] ?? '')
      const shown = await show(context, name)
      if (shown) return shown
      throw unknownWorkspace(name)
    },
  }),
  controlCall({
    method: 'PUT',
    path: '/workspaces/{name}',
    tag: 'workspaces',
    summary: 'Create a workspace, and claim a port (0 = any) and credentials for it; its earlier claims are replaced',
    body: claimRequest,
    bodyOptional: true,
    answers: {
      200: { description: 'It existed; its claims are replaced', schema: workspaceShape },
      201: { description: 'Created', schema: workspaceShape },
      409: { description: 'Another workspace holds a claim, the port is in use, or there are too many workspaces' },
      422: { description: 'Unknown vendor, or a port that cannot be opened' },
    },
    async handle({ context, params, body }) {
      const name = checkWorkspaceName(params['name'] ?? '')
      checkVendors(context, body.credentials)
      const isNew = await context.registry.put(name, body)
      return jsonResponse(isNew ? 201 : 200, await show(context, name))
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/workspaces/{name}',
    tag: 'workspaces',
    summary: 'Delete a workspace with its rows, traffic and claims; default starts again from the seed',
    answers: { 204: { description: 'Deleted' }, 404: { description: 'Workspace not found' } },
    async handle({ context, params }) {
      const name = checkWorkspaceName(params['name'] ?? '')
      if (!(await context.registry.drop(name))) throw unknownWorkspace(name)
      context.notes.forget(name)
    },
  }),
]

async function show(context: ControlContext, name: string): Promise<z.infer<typeof workspaceShape> | undefined> {
  const rowCount = await context.workspaces.read(name, async (rows) => {
    let count = 0
    for (const table of context.tables.keys()) count += await rows.count(table)
    return count
  })
  if (rowCount === undefined) return undefined
  const { ports = [], credentials = [] } = context.registry.claims.of(name) ?? {}
  const { entries, newest } = await context.workspaces.usageOf(name)
  const use = { requests: entries, lastRequestAt: newest ? receivedAt(newest) : null }
  return { name, rows: rowCount, ...use, ports: [...ports], credentials: credentials.map((credential) => ({ ...credential })) }
}

function checkVendors(context: ControlContext, credentials: readonly z.infer<typeof credentialShape>[]): void {
  const errors = credentials.flatMap(({ vendor }, at) => {
    const known = context.vendors.find(({ id }) => id === vendor)
    if (known?.credential) return []
    const ids = context.vendors.filter(({ credential }) => credential).map(({ id }) => id)
    return [{ path: `/credentials/${at}/vendor`, message: `"${vendor}" is not a vendor with credentials; those are ${ids.join(', ')}` }]
  })
  if (errors.length > 0) {
    throw new InvalidInput({
      type: 'invalid',
      title: 'Invalid credential.',
      detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
      errors,
    })
  }
}

function unknownWorkspace(name: string): NotFound {
  return new NotFound({
    type: 'unknown-workspace',
    title: 'Workspace not found.',
    detail: `There is no workspace "${name}". "coinslot workspace list" lists them, "coinslot workspace add ${name}" creates it.`,
  })
}

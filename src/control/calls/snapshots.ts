import { z } from 'zod'
import { BadRequest, NotFound } from '../../kernel/problem.js'
import { snapshotHead } from '../../workspace/snapshot-document.js'
import { checkKept, keepSnapshot, restoreSnapshot, saveSnapshot } from '../../workspace/snapshots.js'
import { isWorkspaceName } from '../../workspace/workspaces.js'
import { jsonResponse } from '../app.js'
import { controlCall } from '../call.js'

const snapshotShape = z.object({ name: z.string(), at: z.iso.datetime().nullable(), rows: z.number().nullable() })

/** Snapshots of a workspace, which a reset leaves alone. */
export const snapshotCalls = [
  controlCall({
    method: 'GET',
    path: '/snapshots',
    tag: 'snapshots',
    summary: "The workspace's snapshots",
    answers: { 200: { description: 'Snapshots by name', schema: z.object({ snapshots: z.array(snapshotShape) }) } },
    async handle({ context, workspaceName, reading }) {
      await reading()
      const { snapshots: store } = context.store
      const snapshots: z.infer<typeof snapshotShape>[] = []
      for (const name of await store.list(workspaceName)) {
        const text = await store.load(workspaceName, name)
        // A damaged snapshot is listed too, so that it can be deleted.
        const head = text === undefined ? undefined : snapshotHead(text)
        if (text !== undefined) snapshots.push({ name, at: head?.at ?? null, rows: head?.rowCount ?? null })
      }
      return { snapshots }
    },
  }),
  controlCall({
    method: 'PUT',
    path: '/snapshots/{name}',
    tag: 'snapshots',
    summary: 'Save the workspace as it is, or the snapshot in the body',
    body: z.unknown(),
    bodyOptional: true,
    isDocument: true,
    answers: {
      200: { description: 'Saved; an older snapshot of this name is replaced', schema: snapshotShape },
      201: { description: 'Saved', schema: snapshotShape },
      409: { description: 'A folder is in the way of its file' },
      422: { description: 'The snapshot in the body does not fit' },
    },
    async handle({ context, params, body, writing }) {
      const name = nameIn(params)
      const { space } = await writing()
      const { isNew, ...saved } = isDocument(body)
        ? await keepSnapshot(context, space, name, body)
        : await saveSnapshot(context, space, name)
      return jsonResponse(isNew ? 201 : 200, saved)
    },
  }),
  controlCall({
    method: 'GET',
    path: '/snapshots/{name}',
    tag: 'snapshots',
    summary: 'One snapshot as a whole document',
    answers: {
      200: { description: 'The snapshot', mediaType: 'application/json' },
      404: { description: 'Snapshot not found' },
      422: { description: 'The file of the snapshot is damaged' },
    },
    async handle({ context, params, workspaceName, reading }) {
      const name = nameIn(params)
      await reading()
      const text = await context.store.snapshots.load(workspaceName, name)
      if (text === undefined) throw unknownSnapshot(name)
      checkKept(text)
      return new Response(text, { headers: { 'Content-Type': 'application/json' } })
    },
  }),
  controlCall({
    method: 'DELETE',
    path: '/snapshots/{name}',
    tag: 'snapshots',
    summary: 'Delete a snapshot',
    answers: { 204: { description: 'Deleted' }, 404: { description: 'Snapshot not found' } },
    async handle({ context, params, workspaceName, reading }) {
      const name = nameIn(params)
      await reading()
      if (!(await context.store.snapshots.delete(workspaceName, name))) throw unknownSnapshot(name)
    },
  }),
  controlCall({
    method: 'POST',
    path: '/snapshots/{name}/restore',
    tag: 'snapshots',
    summary: 'Restore the workspace, whole or not at all; traffic stays',
    answers: {
      204: { description: 'Restored' },
      404: { description: 'Snapshot not found' },
      422: { description: 'The snapshot is damaged, newer than this version, or does not fit; nothing was changed' },
    },
    note: ({ params }) => `snapshot ${params['name']} restored`,
    async handle({ context, params, workspaceName, reading }) {
      const name = nameIn(params)
      const { space } = await reading()
      const text = await context.store.snapshots.load(workspaceName, name)
      if (text === undefined) throw unknownSnapshot(name)
      await restoreSnapshot(context, space, text)
      await context.scheduler.load(space.name)
    },
  }),
]

/** False for an empty body; clients that always send a JSON body, then {} or null, mean the workspace as it is. */
function isDocument(body: unknown): boolean {
  return body !== undefined && body !== null && JSON.stringify(body) !== '{}'
}

function nameIn({ name = '' }: Readonly<Record<string, string>>): string {
  if (isWorkspaceName(name)) return name
  throw new BadRequest({
    type: 'snapshot-name',
    title: 'Invalid snapshot name.',
    detail: `${JSON.stringify(name.slice(0, 80))} cannot name a snapshot: use 1 to 63 of a-z, 0-9 and "-", not starting with "-".`,
  })
}

function unknownSnapshot(name: string): NotFound {
  return new NotFound({
    type: 'unknown-snapshot',
    title: 'Snapshot not found.',
    detail: `This workspace has no snapshot "${name}"; "coinslot snapshot list" lists them.`,
  })
}

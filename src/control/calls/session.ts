import { z } from 'zod'
import { reportOf } from '../../traffic/analysis/report.js'
import { sessionDocument } from '../../workspace/session/document.js'
import { openSession, saveSession } from '../../workspace/session/session.js'
import { checkWorkspaceName } from '../../workspace/workspaces.js'
import { jsonResponse } from '../app.js'
import { controlCall } from '../call.js'

const opened = z.object({
  workspace: z.string(),
  savedAt: z.iso.datetime(),
  entries: z.number(),
  page: z.string().describe('Path of the inspector for this workspace'),
})

/** Session files: what one person saw, for another. */
export const sessionCalls = [
  controlCall({
    method: 'GET',
    path: '/session',
    tag: 'snapshots',
    summary: 'The workspace with its kept traffic, deliveries and client report as one document',
    query: z.strictObject({
      secrets: z.enum(['keep']).optional().describe('keep: with keys and tokens; otherwise <redacted> is in their place'),
    }),
    answers: { 200: { description: 'The session', schema: sessionDocument } },
    async handle({ context, query, workspaceName, reading }) {
      const open = await reading()
      return saveSession(context, open, {
        notes: [...context.notes.of(workspaceName)],
        report: reportOf(open.traffic.kept(), context.vendors),
        keepSecrets: query.secrets === 'keep',
      })
    },
  }),
  controlCall({
    method: 'PUT',
    path: '/workspaces/{name}/session',
    tag: 'snapshots',
    summary: 'Open a session as a workspace, which is made or replaced; its clock stands at the time of saving',
    body: z.unknown(),
    isDocument: true,
    answers: {
      200: { description: 'The workspace existed and holds the session now', schema: opened },
      201: { description: 'The workspace is new', schema: opened },
      422: { description: 'The session is newer than this version, damaged, or does not fit; nothing was changed' },
    },
    async handle({ context, params, body }) {
      const name = checkWorkspaceName(params['name'] ?? '')
      const { isNew, session, last } = await openSession(context, name, body)
      context.dispatcher.skipIds(last)
      context.notes.replace(name, session.notes)
      await context.scheduler.load(name)
      return jsonResponse(isNew ? 201 : 200, {
        workspace: name,
        savedAt: session.savedAt,
        entries: session.traffic.entries.length,
        page: `/@${name}/_sandbox/`,
      })
    },
  }),
]

import { z } from 'zod'
import type { ControlContext } from '../context.js'
import { canStillHold, verification, verify, type Finding, type Verification } from '../../traffic/verification.js'
import type { OpenWorkspace } from '../../workspace/workspaces.js'
import { jsonResponse } from '../app.js'
import { controlCall } from '../call.js'
import { checkFilter } from './filter-check.js'
import { clearTimeout, performance, setImmediate, setTimeout } from '../../kernel/timers.js'

const ids = z.array(z.string())
const nearMiss = z.object({
  id: z.string(),
  differences: z.array(
    z.object({
      path: z.string(),
      expected: z.unknown(),
      actual: z.unknown().optional().describe('Absent: the request has no such member'),
    }),
  ),
})

/** `POST verify`: checks that the expected requests were recorded. */
export const verifyCalls = [
  controlCall({
    method: 'POST',
    path: '/verify',
    tag: 'traffic',
    summary: 'Check that requests were recorded as expected, and show how the closest ones differ',
    body: verification,
    keepsDigits: true,
    answers: {
      200: { description: 'They were', schema: z.object({ ok: z.literal(true), count: z.number(), matches: ids }) },
      409: {
        description: 'Unknown, because entries that could change the result are no longer kept',
        schema: z.object({ ok: z.null(), count: z.number(), dropped: z.number(), detail: z.string() }),
      },
      417: {
        description: 'They were not; near misses are sorted by closeness',
        schema: z.object({ ok: z.literal(false), count: z.number(), matches: ids, nearMisses: z.array(nearMiss) }),
      },
      422: { description: 'Invalid expectation' },
    },
    async handle({ context, body, reading }) {
      checkFilter(context.vendors, body)
      return answer(await found(context, await reading(), body))
    },
  }),
]

/** Verifies after every request until the expectation holds, can no longer hold or the time is over. */
async function found(context: ControlContext, { space, traffic }: OpenWorkspace, asked: Verification): Promise<Finding> {
  const until = performance.now() + asked.withinMs
  for (;;) {
    await traffic.catchUp()
    const finding = verify(traffic, asked)
    const restMs = until - performance.now()
    if (restMs <= 0 || context.closing.aborted || !canStillHold(asked, finding)) return finding
    await nextExchange(context, space.name, restMs)
  }
}

function nextExchange(context: ControlContext, workspace: string, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stop()
      context.closing.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    // Entries that arrive together are verified together.
    const stop = context.onRecorded(workspace, () => setImmediate(end))
    context.closing.addEventListener('abort', end)
  })
}

function answer({ ok, count, matches, dropped, nearMisses }: Finding): Response {
  if (ok) return jsonResponse(200, { ok, count, matches })
  if (ok === false) return jsonResponse(417, { ok, count, matches, nearMisses })
  const detail =
    `${count} kept or counted requests match. ${dropped} more that could have matched are no longer kept, so the result is unknown. ` +
    'Verify sooner, verify by vendor, method, path, status and outcome alone, or start with a higher --traffic-limit.'
  return jsonResponse(409, { ok, count, dropped, detail })
}

import { z } from 'zod'
import { InvalidInput } from '../../kernel/problem.js'
import { checkSeed } from '../../seed/document.js'
import { seedSchema } from '../../seed/schema.js'
import { applySeed } from '../../seed/apply.js'
import { controlCall } from '../call.js'

/** Loading a seed, its JSON Schema, and the reset to the start-up seed. */
export const seedCalls = [
  controlCall({
    method: 'POST',
    path: '/seed',
    tag: 'rows',
    summary: 'Load a seed document: rows are added or replaced by key, all or nothing',
    body: z.unknown(),
    answers: {
      200: { description: 'Loaded rows by table', schema: z.object({ loaded: z.record(z.string(), z.number()) }) },
      422: { description: 'Invalid seed; nothing was loaded' },
    },
    note: ({ body }) => loadedWords(body),
    async handle({ context, body, writing }) {
      const checked = checkSeed(body, context.tables, context.vendors)
      if (!checked.ok) {
        throw new InvalidInput({ type: 'invalid-seed', title: 'Invalid seed; nothing was loaded.', errors: checked.errors })
      }
      const { space } = await writing()
      return { loaded: await applySeed(context, space, checked.seed) }
    },
  }),
  controlCall({
    method: 'GET',
    path: '/seed.schema.json',
    tag: 'rows',
    summary: 'The JSON Schema of seed documents',
    answers: { 200: { description: 'JSON Schema 2020-12', mediaType: 'application/json' } },
    handle: async ({ context }) => seedSchema(context.tables),
  }),
  controlCall({
    method: 'POST',
    path: '/reset',
    tag: 'sandbox',
    summary: 'Return to the rows of the start-up seed; clears traffic, faults, clock, upstreams and ids; snapshots stay',
    answers: { 204: { description: 'Reset' } },
    note: () => 'workspace reset',
    async handle({ context, workspaceName, writing }) {
      await writing()
      await context.workspaces.reset(workspaceName)
    },
  }),
]

/** Names the table of a seed that holds a single row, which a user of the inspector adds by hand. */
function loadedWords(seed: unknown): string {
  const tables = membersOf(seed).flatMap(([vendor, rows]) => membersOf(rows).map(([table, own]) => ({ name: `${vendor}.${table}`, own })))
  const [first, ...others] = tables
  const isRow = first !== undefined && others.length === 0 && Array.isArray(first.own) && first.own.length === 1
  return isRow && membersOf(seed).length === 1 ? `row written to ${first.name}` : 'seed loaded'
}

function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

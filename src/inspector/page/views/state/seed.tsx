import { useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask, Refusal } from '../../control.js'
import { exampleOf, type Shape } from '../../openapi.js'
import { Form, TextField } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import { counted } from '../../words.js'

/** Adds rows from a document, all of them or none. */
export function Seed() {
  const { value: schema } = useAsked<Shape>('seed.schema.json')
  const [typed, setText] = useState<string | undefined>(undefined)
  const text = typed ?? (schema ? exampleSeed(schema) : '')
  const [loaded, setLoaded] = useState<Record<string, number> | undefined>(undefined)
  const deed = useDeed(async () => {
    setLoaded(undefined)
    const answer = await ask<{ loaded: Record<string, number> }>('POST', 'seed', parsed(text))
    setLoaded(answer.loaded)
    refreshAll()
  })
  const rows = Object.entries(loaded ?? {})
  return (
    <section class="part" aria-labelledby="seed-title">
      <h2 id="seed-title">Seed</h2>
      <p>Rows by vendor and table; they are added, or replace those with the same key.</p>
      <Form label="Load a seed document" onSend={deed.run}>
        <label class="file">
          From a file{' '}
          <input
            type="file"
            accept=".json,application/json"
            onChange={(event: Event) => void readFile(event).then((read) => read && setText(read))}
          />
        </label>
        <TextField label="Seed document" rows={10} value={text} onValue={setText} />
        <RefusalNote refusal={deed.refusal} />
        <button type="submit" aria-busy={deed.isBusy ? 'true' : undefined}>
          Load
        </button>
      </Form>
      <p role="status">{rows.length > 0 && `Loaded ${rows.map(([table, count]) => `${counted(count, 'row')} of ${table}`).join(', ')}.`}</p>
    </section>
  )
}

/** A row of the first table there is, to begin with. */
function exampleSeed(schema: Shape): string {
  const [vendor, { properties = {} } = {}] = Object.entries(schema.properties ?? {}).find(([, shape]) => shape.properties) ?? []
  const [table, rows] = Object.entries(properties)[0] ?? []
  return vendor && table ? JSON.stringify({ [vendor]: { [table]: [exampleOf(rows?.items ?? {})] } }, null, 2) : '{}'
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new Refusal(0, 'That is not JSON.', (error as Error).message)
  }
}

async function readFile(event: Event): Promise<string | undefined> {
  return (event.target as HTMLInputElement).files?.[0]?.text()
}

import { useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { RefusalNote, Waiting } from '../../parts/notes.js'
import { storeTitle } from '../../words.js'

/** Switches of the simulated stores. */
export function Stores() {
  const { value, refusal, reload } = useAsked<Record<string, { reachable: boolean }>>('upstreams', 3_000)
  const deed = useDeed()
  const change = (store: string, reachable: boolean) =>
    deed.perform(async () => {
      await ask('PUT', `upstreams/${encodeURIComponent(store)}`, { reachable })
      reload()
    })
  return (
    <section class="part" aria-labelledby="stores-title">
      <h2 id="stores-title">Stores</h2>
      <p>The stores that vendors ask whether a purchase is real. Switched off, a vendor answers as it does when it cannot reach one.</p>
      <RefusalNote refusal={refusal ?? deed.refusal} />
      {!value && !refusal && <Waiting />}
      {Object.entries(value ?? {}).map(([store, { reachable }]) => (
        <label key={store} class="switch">
          <input type="checkbox" role="switch" checked={reachable} onChange={() => change(store, !reachable)} />
          {storeTitle(store)} <span class="muted">{reachable ? 'answers' : 'cannot be reached'}</span>
        </label>
      ))}
    </section>
  )
}

import { useState } from 'preact/hooks'
import { useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { ChoiceField, Form, TextField } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import { linkTo } from '../../place.js'
import type { KeyedRow } from '../../shapes.js'
import { shortened, storeTitle } from '../../words.js'

/** Acts that need no body, for every store; a store refuses the ones that it does not have. */
const acts = [
  'renew',
  'cancel',
  'refund',
  'grace',
  'expire',
  'complete',
  'restart',
  'revoke',
  'hold',
  'recover',
  'resume',
  'acknowledge',
  'consume',
  'abandon',
] as const

/** Purchases of the simulated stores. Renewals, cancellations and refunds are reported to the vendors. */
export function StorePurchases() {
  const { value: stores } = useAsked<Record<string, unknown>>('upstreams')
  const { value: known, reload } = useAsked<{ rows: KeyedRow[] }>('tables/marketplace/purchases?limit=1000')
  const names = Object.keys(stores ?? {})
  const [store, setStore] = useState('')
  const [token, setToken] = useState('')
  const [act, setAct] = useState<string>(acts[0])
  const [isMeant, setMeant] = useState(false)
  const [done, setDone] = useState(false)
  const chosen = store || names[0] || ''
  const deed = useDeed(async () => {
    await ask('POST', `upstreams/${chosen}/purchases/${encodeURIComponent(token)}/${act}`)
    setDone(true)
    reload()
  })
  const rows = (known?.rows ?? []).filter(({ row }) => row['store'] === chosen)
  const isUnknown = token !== '' && !rows.some(({ row }) => row['token'] === token)
  return (
    <section class="part" aria-labelledby="store-purchases-title">
      <h2 id="store-purchases-title">What a store does with a purchase</h2>
      <p>
        Vendors that watch the purchase send their events, see <a href={linkTo('webhooks')}>Webhooks</a>. What stores know is in{' '}
        <a href={linkTo('tables', ['marketplace', 'purchases'])}>marketplace.purchases</a>.
      </p>
      <Form label="Let a store act on a purchase" onSend={deed.run}>
        <div class="row">
          <ChoiceField label="Store" value={chosen} onValue={setStore} choices={names.map((name) => [name, storeTitle(name)] as const)} />
          <ChoiceField label="What it does" value={act} onValue={setAct} choices={acts.map((name) => [name, name] as const)} />
        </div>
        <TextField
          label="Purchase"
          value={token}
          onValue={setToken}
          suggestions={rows.map(({ row }) => String(row['token']))}
          hint="Purchase token, transaction id, or Samsung purchase id"
        />
        <RefusalNote refusal={deed.refusal} />
        {isUnknown && (
          <label>
            <input type="checkbox" checked={isMeant} onChange={() => setMeant(!isMeant)} />
            {storeTitle(chosen)} has no row of this purchase; make one anyway
          </label>
        )}
        <button type="submit" disabled={token === '' || (isUnknown && !isMeant)}>
          Do it
        </button>
      </Form>
      {done && (
        <p role="status" class="note note-good">
          {storeTitle(chosen)}: {act} of {shortened(token)} is done.{' '}
          <a href={linkTo('tables', ['marketplace', 'purchases', `${chosen}:${encodeURIComponent(token)}`])}>What it knows now</a>
        </p>
      )}
    </section>
  )
}

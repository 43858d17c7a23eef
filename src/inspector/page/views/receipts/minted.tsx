import { useEffect, useState } from 'preact/hooks'
import { refreshAll, useDeed } from '../../asked.js'
import { ask, controlBase } from '../../control.js'
import { useVendors, vendorTitle } from '../../known.js'
import { CopyButton } from '../../parts/copy.js'
import { Inspected, type Inspection } from '../../parts/inspected.js'
import { JsonView } from '../../parts/json-view.js'
import { RefusalNote } from '../../parts/notes.js'
import { goTo, linkTo } from '../../place.js'
import type { Entry } from '../../shapes.js'
import { quoted } from '../live/copies.js'

/** A receipt with what was asked for. */
export interface MintedReceipt {
  store: string
  members: Record<string, unknown>
  receipt: Record<string, unknown>
}

interface HandingOver {
  vendor: string
  method?: string
  path: string
  headers: Record<string, string>
  body: string
}

/** A minted receipt: what it claims, who takes it and what they would answer, then its raw form. */
export function Minted({ minted }: { minted: MintedReceipt }) {
  const { receipt } = minted
  const { warnings, unityReceipt } = receipt
  const [inspection, setInspection] = useState<Inspection | undefined>(undefined)
  const [requests, setRequests] = useState<readonly HandingOver[]>([])
  const look = useDeed(async () => {
    setInspection(await ask<Inspection>('POST', 'receipts/inspect', { receipt }))
    setRequests((await ask<{ requests: HandingOver[] }>('POST', 'receipts/requests', minted)).requests)
  })
  useEffect(() => look.run(), [minted])
  return (
    <div class="part">
      <h2>Minted</h2>
      {Array.isArray(warnings) && warnings.length > 0 && (
        <ul class="note" aria-label="Warnings">
          {warnings.map((warning) => (
            <li key={String(warning)}>{String(warning)}</li>
          ))}
        </ul>
      )}
      {requests.length > 0 && (
        <ul class="plain" aria-label="Vendors that take it">
          {requests.map((request) => (
            <HandOverLine
              key={request.vendor}
              request={request}
              answer={inspection?.vendors.find(({ vendor }) => vendor === request.vendor)?.answer}
            />
          ))}
        </ul>
      )}
      <div class="bar">
        <CopyButton label="Copy as JSON" text={() => JSON.stringify(receipt, null, 2)} small />
        {typeof unityReceipt === 'string' && <CopyButton label="Copy for Unity" text={unityReceipt} small />}
        <CopyButton label="Copy the curl that mints it" text={() => mintCurl(minted)} small />
      </div>
      <RefusalNote refusal={look.refusal} />
      {inspection && <Inspected inspection={inspection} isOpen />}
      <details>
        <summary>As it is sent</summary>
        <JsonView value={receipt} label="Receipt" />
      </details>
    </div>
  )
}

function HandOverLine({ request, answer }: { request: HandingOver; answer: string | undefined }) {
  const vendors = useVendors()
  const { vendor, method = 'POST', path, headers, body } = request
  const send = useDeed(async () => {
    const wish = { method, url: `/${vendor}${path}`, headers: Object.entries(headers), ...(method === 'POST' && { body }) }
    const { id } = await ask<Entry>('POST', 'traffic/replay', wish)
    refreshAll()
    goTo(linkTo('live', [id]))
  })
  return (
    <li>
      <div class="bar">
        <span class="grow wrap">
          <b>{vendorTitle(vendor, vendors)}</b> {answer && <>would answer {answer.length > 60 ? `${answer.slice(0, 60)}…` : answer}</>}
          <br />
          <span class="muted">
            {method} {path}
          </span>
        </span>
        <CopyButton label={`Copy curl for ${vendor}`} shownLabel="Copy curl" text={() => handOverCurl(request)} small />
        <button type="button" class="small" onClick={send.run} aria-busy={send.isBusy ? 'true' : undefined}>
          Send to {vendorTitle(vendor, vendors)}
        </button>
      </div>
      <RefusalNote refusal={send.refusal} />
    </li>
  )
}

function mintCurl({ store, members }: MintedReceipt): string {
  const url = `${window.location.origin}${controlBase()}receipts/${store}`
  return `curl ${quoted(url)} -H 'Content-Type: application/json' --data-raw ${quoted(JSON.stringify(members))}`
}

function handOverCurl({ vendor, method, path, headers, body }: HandingOver): string {
  const base = controlBase().replace(/_sandbox\/$/, '')
  const sent = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)
  const line = `curl -i ${quoted(`${window.location.origin}${base}${vendor}${path}`)} ${sent.join(' ')}`
  return method === 'GET' ? line : `${line} --data-raw ${quoted(body)}`
}

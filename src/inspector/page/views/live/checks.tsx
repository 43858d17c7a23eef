import { useEffect, useState } from 'preact/hooks'
import { asRefusal } from '../../asked.js'
import { ask, type Refusal } from '../../control.js'
import { Inspected, isRead, type Inspection } from '../../parts/inspected.js'
import { RefusalNote } from '../../parts/notes.js'
import type { Entry } from '../../shapes.js'
import { receiptsIn } from './receipts-in.js'

/** Inspects the receipt of a request: each check, and the current verdict of each vendor. */
export function Checks({ entry }: { entry: Entry }) {
  const [found, setFound] = useState<readonly Inspection[]>([])
  const [refusal, setRefusal] = useState<Refusal | undefined>(undefined)
  const candidates = receiptsIn(entry.body)
  useEffect(() => {
    if (candidates.length === 0) return
    let isWanted = true
    Promise.all(candidates.map(({ receipt }) => ask<Inspection>('POST', 'receipts/inspect', { receipt }))).then(
      // A push token or a hash has the form of a receipt as well, but cannot be read as one.
      (all) => isWanted && setFound(all.filter((one, at) => one.format !== 'unknown' && (candidates[at]!.isNamed || isRead(one)))),
      (error: unknown) => isWanted && setRefusal(asRefusal(error)),
    )
    return () => {
      isWanted = false
    }
  }, [entry.id])
  if (found.length === 0 && !refusal) return null
  return (
    <section class="part">
      <h3>The receipt it carried</h3>
      <RefusalNote refusal={refusal} />
      {found.map((inspection, at) => (
        <Inspected key={String(at)} inspection={inspection} />
      ))}
    </section>
  )
}

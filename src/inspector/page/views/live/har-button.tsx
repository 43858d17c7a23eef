import { useDeed } from '../../asked.js'
import { download } from '../../control.js'
import { RefusalNote } from '../../parts/notes.js'

/** Saves the requests that pass the filter as an HTTP archive. */
export function HarButton({ filter }: { filter: string }) {
  const deed = useDeed(() => download(`traffic.har${filter && `?${filter}`}`, 'coinslot.har'))
  return (
    <>
      <button type="button" class="outline secondary" onClick={deed.run}>
        Save HAR
      </button>
      <RefusalNote refusal={deed.refusal} />
    </>
  )
}

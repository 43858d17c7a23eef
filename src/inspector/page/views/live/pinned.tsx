import { TextField } from '../../parts/fields.js'
import { Menu } from '../../parts/menu.js'
import { linkWithPins, removeCopy, useCopyOf, usePins, type PinnedCopy } from '../../pins.js'
import { goTo, linkTo, usePlace, workspaceParameter } from '../../place.js'
import { dayAndTime } from '../../words.js'

/** Pins the request with a note; both are part of the address. */
export function PinButton({ id }: { id: string }) {
  const { rest, query } = usePlace()
  const pins = usePins()
  const change = (next: Map<string, string>) => goTo(linkWithPins(next, rest, query), { replace: true })
  if (!pins.has(id)) {
    return (
      <button
        type="button"
        class="outline secondary small"
        title="Pins and notes are in the address of the page, so that a copied link carries them. This tab keeps a copy of a pinned request, also after the sandbox has dropped it."
        onClick={() => change(new Map([...pins, [id, '']]))}
      >
        Pin
      </button>
    )
  }
  return (
    <div class="inline full-row">
      <TextField label="Note on the pinned request" value={pins.get(id) ?? ''} onValue={(note) => change(new Map([...pins, [id, note]]))} />
      <button
        type="button"
        class="outline secondary small"
        onClick={() => {
          removeCopy(query[workspaceParameter], id)
          change(new Map([...pins].filter(([pinned]) => pinned !== id)))
        }}
      >
        Unpin
      </button>
    </div>
  )
}

/** Links to the pinned requests, whether the sandbox still keeps them or not. */
export function PinnedMenu() {
  const { query } = usePlace()
  const pins = usePins()
  const copyOf = useCopyOf()
  if (pins.size === 0) return null
  return (
    <Menu label={`${pins.size} pinned`}>
      {[...pins].map(([id, note]) => {
        const entry = copyOf(id)?.entry
        const words = [id, entry && (entry.status ?? 'no answer'), entry?.outcome].filter(Boolean).join(' ')
        return (
          <a key={id} role="button" class="outline secondary small" href={linkTo('live', [id], query)}>
            {note === '' ? words : `${words}: ${note}`}
          </a>
        )
      })}
    </Menu>
  )
}

/** Names the pin and the note of a request that the sandbox dropped before this tab could copy it. */
export function DroppedPin({ id }: { id: string }) {
  const note = usePins().get(id)
  if (note === undefined) return null
  return (
    <div class="note note-waiting">
      <p>
        {id} was pinned here, and was dropped since. This tab has no copy of it. {note === '' ? 'It has no note.' : `Its note: ${note}`}
      </p>
      <PinButton id={id} />
    </div>
  )
}

/** Says that a request is shown from the copy of this tab. */
export function CopyNote({ copy }: { copy: PinnedCopy }) {
  const { entry, isStored } = copy
  return (
    <p class="note note-waiting" role="status">
      The sandbox no longer keeps {entry.id}. This is the copy that this tab made when it was pinned
      {entry.copiedAt && ` (${dayAndTime(entry.copiedAt)})`}: its purchases and webhooks are as they were then. The copy is lost when the
      tab is closed{!isStored && ' or loaded again, because it is too large for the storage of the browser'}.
    </p>
  )
}

/** Says that the sandbox has given the id of the pinned request to another one, and shows either. */
export function OtherNote({ copy, isCopyShown, onSwitch }: { copy: PinnedCopy; isCopyShown: boolean; onSwitch: () => void }) {
  const { id } = copy.entry
  return (
    <p class="note note-waiting" role="status">
      After {id} was pinned, the sandbox was started again and gave the id {id} to another request.{' '}
      {isCopyShown ? 'This is the pinned one, from the copy of this tab. ' : 'This is the other one. '}
      <button type="button" class="outline small" onClick={onSwitch}>
        {isCopyShown ? 'Show the other one' : 'Show the pinned one'}
      </button>
    </p>
  )
}

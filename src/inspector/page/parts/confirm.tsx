import { useState } from 'preact/hooks'
import { useDeed } from '../asked.js'
import { Dialog } from './dialog.js'
import { RefusalNote } from './notes.js'

interface ConfirmProps {
  /** What the button says. */
  label: string
  question: string
  /** What the button in the dialog says. */
  yes: string
  onYes: () => Promise<unknown>
  small?: boolean
  /** Tells apart buttons that say the same. */
  name?: string
}

/** A button for what cannot be taken back: it asks first. */
export function ConfirmButton({ label, question, yes, onYes, small = false, name }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed(async () => {
    await onYes()
    setOpen(false)
  })
  return (
    <>
      <button type="button" class={`outline danger${small ? ' small' : ''}`} aria-label={name} onClick={() => setOpen(true)}>
        {label}
      </button>
      {isOpen && (
        <Dialog title={label} onClose={() => setOpen(false)}>
          <p>{question}</p>
          <RefusalNote refusal={deed.refusal} />
          <footer>
            <button type="button" class="outline secondary" onClick={() => setOpen(false)}>
              Cancel
            </button>
            <button type="button" class="danger" aria-busy={deed.isBusy ? 'true' : undefined} onClick={deed.run}>
              {yes}
            </button>
          </footer>
        </Dialog>
      )}
    </>
  )
}

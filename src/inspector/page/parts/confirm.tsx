import { useState } from 'preact/hooks'
import { useDeed } from '../asked.js'
import { Dialog } from './dialog.js'
import { RefusalNote } from './notes.js'

interface ConfirmProps {
  /** Label of the button. */
  label: string
  question: string
  /** Label of the button in the dialog. */
  yes: string
  onYes: () => Promise<unknown>
  small?: boolean
  /** Accessible name that distinguishes buttons with the same label. */
  name?: string
  /** False: the action can be undone, but may not be what the user means. */
  isDangerous?: boolean
}

/** A button for an action that asks for confirmation, usually because it cannot be undone. */
export function ConfirmButton({ label, question, yes, onYes, small = false, name, isDangerous = true }: ConfirmProps) {
  const [isOpen, setOpen] = useState(false)
  const deed = useDeed(async () => {
    await onYes()
    setOpen(false)
  })
  return (
    <>
      <button
        type="button"
        class={`outline${isDangerous ? ' danger' : ''}${small ? ' small' : ''}`}
        aria-label={name}
        onClick={() => setOpen(true)}
      >
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
            <button
              type="button"
              class={isDangerous ? 'danger' : undefined}
              aria-busy={deed.isBusy ? 'true' : undefined}
              onClick={deed.run}
            >
              {yes}
            </button>
          </footer>
        </Dialog>
      )}
    </>
  )
}

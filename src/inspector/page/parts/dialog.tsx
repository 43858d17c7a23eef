import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useId, useRef } from 'preact/hooks'

/** A dialog over the page while it is rendered; Escape and the button close it. */
export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
}: {
  title: string
  onClose: () => void
  children: ComponentChildren
  isWide?: boolean
}) {
  const frame = useRef<HTMLDialogElement>(null)
  const id = useId()
  // Before the page is drawn, so that the next key reaches the dialog.
  useLayoutEffect(() => {
    const opener = document.activeElement
    frame.current?.showModal()
    // The first control would be the one that closes.
    frame.current?.querySelector<HTMLElement>('article > :not(header) :is(input, select, textarea, button)')?.focus()
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
      // The element that opened it may be gone, for example after a row was deleted.
      else document.querySelector('h1')?.focus()
    }
  }, [])
  return (
    <dialog ref={frame} aria-labelledby={id} onClose={onClose}>
      <article class={isWide ? 'wide' : ''}>
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="dismiss" aria-label="Close" onClick={onClose}>
            ×
          </button>
        </header>
        {children}
      </article>
    </dialog>
  )
}

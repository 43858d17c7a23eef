import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'

/** A button that opens a list of buttons; Escape, a choice or a click elsewhere closes it. */
export function Menu({ label, children }: { label: string; children: ComponentChildren }) {
  const frame = useRef<HTMLDetailsElement>(null)
  const close = () => frame.current?.removeAttribute('open')
  const closeAndReturn = () => {
    close()
    frame.current?.querySelector('summary')?.focus()
  }
  return (
    <details
      class="drop"
      ref={frame}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== 'Escape' || !frame.current?.open) return
        event.stopPropagation()
        closeAndReturn()
      }}
      onFocusOut={(event: FocusEvent) => {
        if (!(event.relatedTarget instanceof Node) || !frame.current?.contains(event.relatedTarget)) setTimeout(close, closeAfterMs)
      }}
    >
      <summary role="button" class="outline secondary small" data-menu={label.toLowerCase()}>
        {label}
      </summary>
      <div class="drop-list" role="group" aria-label={label} onClick={closeAndReturn}>
        {children}
      </div>
    </details>
  )
}

/** A click on a button moves the focus before the button has it; Safari gives it none at all. */
const closeAfterMs = 250

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
  const step = (by: number) => {
    const choices = choicesIn(frame.current)
    const from = choices.findIndex((choice) => choice === document.activeElement)
    choices[from < 0 ? 0 : (from + by + choices.length) % choices.length]?.focus()
  }
  return (
    <details
      class="drop"
      ref={frame}
      onToggle={() => frame.current?.open && fit(frame.current)}
      onKeyDown={(event: KeyboardEvent) => {
        if (!frame.current?.open) return
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
          event.preventDefault()
          step(event.key === 'ArrowDown' ? 1 : -1)
        }
        if (event.key !== 'Escape') return
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

/** Opens the menu with this label and focuses its first choice, or closes it. */
export function switchMenu(label: string): void {
  const summary = document.querySelector<HTMLElement>(`[data-menu="${label}"]`)
  const frame = summary?.closest('details')
  if (!summary || !frame) return
  summary.focus()
  summary.click()
  if (frame.open) choicesIn(frame)[0]?.focus()
}

function choicesIn(frame: HTMLElement | null): HTMLElement[] {
  return [...(frame?.querySelectorAll<HTMLElement>('.drop-list > :is(a, button:not(:disabled))') ?? [])]
}

/** Moves an open list to the left as far as its pane would cut it at the right. */
function fit(frame: HTMLElement): void {
  const list = frame.querySelector<HTMLElement>('.drop-list')
  const pane = frame.closest('.detail, .live-list, main')?.getBoundingClientRect()
  if (!list || !pane) return
  list.style.marginLeft = '0'
  list.style.maxWidth = `${pane.width - 2 * marginPx}px`
  const { left, right } = list.getBoundingClientRect()
  const over = right - (pane.right - marginPx)
  if (over > 0) list.style.marginLeft = `${-Math.min(over, left - pane.left)}px`
}

const marginPx = 6

/** A click on a button moves the focus before the button has it; Safari gives it none at all. */
const closeAfterMs = 250

import { useEffect, useRef } from 'preact/hooks'

/** Keys of the page with what each does, for the help. */
export const keyHelp: readonly (readonly [string, string])[] = [
  ['j or ↓, k or ↑', 'next or previous request'],
  ['Enter', 'open it and go into its detail'],
  ['Escape', 'close it and go back to the list'],
  ['/', 'go to the query line'],
  ['p', 'pause the list or go on'],
  ['r', 'replay the open request'],
  ['e', 'edit the open request'],
  ['c', 'copy the open request as …'],
  ['[ or ]', 'previous or next request of the same purchase'],
  ['?', 'show these keys'],
]

/** Calls a function when its key is pressed outside of fields and dialogs. */
export function useKeys(keys: Readonly<Record<string, (() => void) | undefined>>): void {
  const current = useRef(keys)
  current.current = keys
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const act = current.current[event.key]
      if (!act || document.querySelector('dialog[open]')) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select') !== null
}

import { useLayoutEffect, useRef } from 'preact/hooks'

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

type Keys = Readonly<Record<string, (() => void) | undefined>>

/** Of each part of the page, latest last. */
const inUse: { current: Keys }[] = []

/** Calls a function when its key is pressed outside of fields and dialogs. If several parts use a key, the one that was opened last has it. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys)
  current.current = keys
  useLayoutEffect(() => {
    inUse.push(current)
    return () => void inUse.splice(inUse.indexOf(current), 1)
  }, [])
}

window.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
  const act = inUse.findLast(({ current }) => current[event.key])?.current[event.key]
  if (!act || document.querySelector('dialog[open]')) return
  event.preventDefault()
  act()
})

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select') !== null
}

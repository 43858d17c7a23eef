import { useEffect, useRef } from 'preact/hooks'
import type { HeldFeed } from '../../feed.js'
import { useKeys } from '../../keys.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import { isChoosing } from './comparing.js'

/** Keys that move through the list, and a chosen row that is always in view. Returns whether a key chose the open row, which keeps the focus. */
export function useSelection(
  { entries = [], hold }: HeldFeed,
  { selected, pane }: { selected: string | undefined; pane: { current: HTMLElement | null } },
): { current: boolean } {
  const place = usePlace()
  const { rest, query } = place
  const isByStep = useRef(false)
  const rowOf = (id: string | undefined) => pane.current?.querySelector<HTMLElement>(`a[data-id="${CSS.escape(id ?? '')}"]`) ?? undefined
  const last = useRef(selected)
  const isByEscape = useRef(false)
  const wasAtTop = useRef(true)
  useEffect(() => {
    if (selected !== undefined && last.current === undefined) wasAtTop.current = (pane.current?.scrollTop ?? 0) === 0
    const show = () => rowOf(selected)?.scrollIntoView({ block: 'nearest' })
    show()
    // The list becomes shorter when what is above it loads, and narrower when a request opens.
    const watch = new ResizeObserver(show)
    if (pane.current) watch.observe(pane.current)
    // Closing gives the focus back to the row that was open, when the list shows it: it may be loading.
    const closed = selected === undefined ? rowOf(last.current) : undefined
    if (closed) {
      closed.focus({ preventScroll: !isByEscape.current })
      // Only Escape leaves the user at this row. After a link or an address neither its focus nor the scroll to it holds the list.
      if (!isByEscape.current) {
        hold('focus', false)
        if (wasAtTop.current) pane.current?.scrollTo({ top: 0 })
      }
      isByEscape.current = false
    }
    if (closed || selected !== undefined) last.current = selected
    isByStep.current = false
    return () => watch.disconnect()
  }, [selected, entries.length > 0])
  const step = (by: number) => {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['id'] : undefined
    const isOnlyFocused = isChoosing(place)
    const from = entries.findIndex(({ id }) => id === (isOnlyFocused ? (focused ?? selected) : (selected ?? focused)))
    const to = entries[from < 0 ? 0 : Math.min(entries.length - 1, Math.max(0, from + by))]
    if (!to) return
    isByStep.current = !isOnlyFocused && selected !== undefined && to.id !== selected
    if (isByStep.current) goTo(linkTo('live', [to.id], query), { replace: true })
    rowOf(to.id)?.focus()
  }
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Escape: () => {
      if (selected === undefined) return (document.activeElement as HTMLElement | null)?.blur()
      if (isChoosing(place)) return goTo(linkTo('live', rest, { ...query, with: undefined }), { replace: true })
      isByEscape.current = true
      goTo(linkTo('live', [], query))
    },
  })
  return isByStep
}

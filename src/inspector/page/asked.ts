import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { cell, useCell } from './cell.js'
import { ask, Refusal } from './control.js'
import { usePlace, workspaceParameter } from './place.js'

/** Result of a control call, for a view to show. */
export interface Asked<T> {
  value: T | undefined
  refusal: Refusal | undefined
  reload: () => void
}

/** A way to read a path: one call, or one after the other for a list of several pages. */
type Read<T> = (path: string, signal: AbortSignal) => Promise<T>

function askFor<T>(path: string, signal: AbortSignal): Promise<T> {
  return ask<T>('GET', path, undefined, signal)
}

/** Asks when the view opens, when the path or the workspace changes, and when something was changed; undefined asks nothing. */
export function useAsked<T>(path: string | undefined, everyMs?: number, { read = askFor }: { read?: Read<T> } = {}): Asked<T> {
  const workspace = usePlace().query[workspaceParameter]
  const epoch = useEpoch()
  const [answer, setAnswer] = useState<{ to: string | undefined; value?: T; refusal?: Refusal }>({ to: undefined })
  const [turn, setTurn] = useState(0)
  const shown = `${workspace ?? ''} ${path ?? ''}`
  const reload = useCallback(() => setTurn((before: number) => before + 1), [])
  useEffect(() => {
    if (path === undefined) return
    const leave = new AbortController()
    read(path, leave.signal).then(
      (value) => !leave.signal.aborted && setAnswer({ to: shown, value }),
      (error: unknown) => !leave.signal.aborted && setAnswer({ to: shown, refusal: asRefusal(error) }),
    )
    return () => leave.abort()
  }, [path, shown, epoch, turn])
  useEffect(() => {
    if (everyMs === undefined) return
    const timer = setInterval(() => !document.hidden && reload(), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  const isCurrent = answer.to === shown
  return { value: isCurrent ? answer.value : undefined, refusal: isCurrent ? answer.refusal : undefined, reload }
}

/** An action of the user: runs once at a time, and shows its error beside the button. */
export interface Deed {
  run: () => void
  /** The same for other work, where several buttons share one place for what went wrong. */
  perform: (work: () => Promise<unknown>) => void
  isBusy: boolean
  refusal: Refusal | undefined
}

/** Wraps work as an action of the user. */
export function useDeed(work: () => Promise<unknown> = async () => {}): Deed {
  const [state, setState] = useState<{ isBusy: boolean; refusal?: Refusal | undefined }>({ isBusy: false })
  const busy = useRef(false)
  const perform = (wanted: () => Promise<unknown>) => {
    if (busy.current) return
    busy.current = true
    setState({ isBusy: true })
    wanted()
      .then(
        () => setState({ isBusy: false }),
        (error: unknown) => setState({ isBusy: false, refusal: asRefusal(error) }),
      )
      .finally(() => {
        busy.current = false
      })
  }
  return { run: () => perform(work), perform, isBusy: state.isBusy, refusal: state.refusal }
}

/** Makes every view send its calls again, for example after a reset or a new token. */
export function refreshAll(): void {
  epoch.set(epoch.get() + 1)
}

/** Counter that increases when every view must send its calls again. */
export function useEpoch(): number {
  return useCell(epoch)
}

/** Converts any error to one that can be shown. */
export function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal(0, 'The page failed.', String(error))
}

const epoch = cell(0)

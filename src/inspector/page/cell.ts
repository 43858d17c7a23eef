import { useEffect, useState } from 'preact/hooks'

/** A value that several parts of the page look at. The page runs once in its tab, so such values live as long as it does. */
export interface Cell<T> {
  get(): T
  set(value: T): void
  /** Returns a function that unsubscribes. */
  subscribe(listener: () => void): () => void
}

/** Makes a cell with what it holds at first. */
export function cell<T>(initial: T): Cell<T> {
  const listeners = new Set<() => void>()
  let held = initial
  return {
    get: () => held,
    set(value) {
      if (Object.is(value, held)) return
      held = value
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Hook: the value of a cell, rendered again whenever it changes. */
export function useCell<T>(of: Cell<T>): T {
  const [, redraw] = useState({})
  const drawn = of.get()
  useEffect(() => {
    // A change between rendering and subscribing is not missed.
    if (!Object.is(drawn, of.get())) redraw({})
    return of.subscribe(() => redraw({}))
  }, [of])
  return drawn
}

import { parseWithLargeNumbers, writeAsSent } from '../../kernel/json/as-sent.js'
import { useEffect } from 'preact/hooks'
import { cell, useCell } from './cell.js'
import { ask } from './control.js'
import { linkTo, pinsParameter, usePlace, workspaceParameter } from './place.js'
import type { Entry, Related, Unsealed } from './shapes.js'

/** Pinned requests, by id, each with its note. */
export type Pins = ReadonlyMap<string, string>

/** The pins in the address. */
export function usePins(): Pins {
  const text = usePlace().query[pinsParameter] ?? ''
  return new Map(
    text
      .split(';')
      .filter((part) => part !== '')
      .map((part) => {
        const [id = '', note = ''] = part.split('=', 2)
        return [id, decoded(note)] as const
      }),
  )
}

/** The same place with other pins. */
export function linkWithPins(pins: Pins, rest: readonly string[], query: Readonly<Record<string, string>>): string {
  const text = [...pins].map(([id, note]) => (note === '' ? id : `${id}=${encodeURIComponent(note)}`)).join(';')
  return linkTo('live', rest, { ...query, [pinsParameter]: text })
}

/** Copy of a pinned request that this tab keeps, because the sandbox drops its oldest requests. */
export interface PinnedCopy {
  entry: Entry
  layers: Unsealed
  related: Related
  /** False: the tab has no room to keep it over a reload. */
  isStored: boolean
}

/** Returns the copy of a pinned request of the current workspace; undefined if there is none. */
export function useCopyOf(): (id: string) => PinnedCopy | undefined {
  const workspace = usePlace().query[workspaceParameter] ?? ''
  const pins = usePins()
  const all = useCell(copies)
  return (id) => (pins.has(id) ? all.get(keyOf(workspace, id)) : undefined)
}

/** Copies each pinned request that has no copy yet; called by the view of the requests alone. */
export function useCopiesOfPins(): void {
  const workspace = usePlace().query[workspaceParameter] ?? ''
  const ids = [...usePins().keys()].join(' ')
  useEffect(() => {
    for (const id of ids.split(' ')) if (id !== '' && !copies.get().has(keyOf(workspace, id))) void copy(workspace, id)
  }, [workspace, ids])
}

/** Removes the copy of a request that is no longer pinned. */
export function removeCopy(workspace: string | undefined, id: string): void {
  const key = keyOf(workspace ?? '', id)
  window.sessionStorage.removeItem(storagePrefix + key)
  copies.set(new Map([...copies.get()].filter(([one]) => one !== key)))
}

async function copy(workspace: string, id: string): Promise<void> {
  const path = `traffic/${encodeURIComponent(id)}`
  try {
    const [entry, layers, related] = await Promise.all([
      ask<Entry>('GET', path),
      ask<Unsealed>('GET', `${path}/layers`),
      ask<Related>('GET', `${path}/related`),
    ])
    const made = { entry: { ...entry, copiedAt: new Date().toISOString() }, layers, related }
    const isStored = stored(storagePrefix + keyOf(workspace, id), writeAsSent(made))
    copies.set(new Map([...copies.get(), [keyOf(workspace, id), { ...made, isStored }]]))
  } catch {
    // It was dropped before it could be copied, which its detail says.
  }
}

function stored(key: string, text: string): boolean {
  try {
    window.sessionStorage.setItem(key, text)
    return true
  } catch {
    return false
  }
}

function keyOf(workspace: string, id: string): string {
  return `${workspace} ${id}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const storagePrefix = 'coinslot-pinned '
const copies = cell<ReadonlyMap<string, PinnedCopy>>(
  new Map(
    Object.keys(window.sessionStorage)
      .filter((key) => key.startsWith(storagePrefix))
      .map((key) => {
        const made = parseWithLargeNumbers(window.sessionStorage.getItem(key) ?? '{}') as Omit<PinnedCopy, 'isStored'>
        return [key.slice(storagePrefix.length), { ...made, isStored: true }] as const
      }),
  ),
)

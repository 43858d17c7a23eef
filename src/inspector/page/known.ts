import { useEffect } from 'preact/hooks'
import { useAsked, type Asked } from './asked.js'
import { cell, useCell } from './cell.js'
import type { SandboxState, Vendor } from './shapes.js'
import { storeTitle } from './words.js'

/** Vendors that are on, loaded once for all views. */
export function useVendors(): readonly Vendor[] {
  return useCell(vendors)
}

/** Title of a vendor by its id. */
export function vendorTitle(id: string | null, known: readonly Vendor[]): string {
  return id === null ? 'No vendor' : (known.find((vendor) => vendor.id === id)?.title ?? id)
}

/** Title of a kind of receipt: of its store, or of the vendor that is its only taker. */
export function receiptTitle(kind: string, known: readonly Vendor[]): string {
  return known.find((vendor) => vendor.id === kind)?.title ?? storeTitle(kind)
}

/** Departures of the workspace from the ordinary; undefined until they are known. */
export function useSandboxState(): SandboxState | undefined {
  return useCell(state)
}

/** Keeps both up to date; called by the shell alone. */
export function useKnown(): Asked<SandboxState> {
  const { value: list } = useAsked<{ vendors: Vendor[] }>('vendors')
  const asked = useAsked<SandboxState>('state', 2_000)
  useEffect(() => {
    if (list) vendors.set(list.vendors)
  }, [list])
  useEffect(() => state.set(asked.value), [asked.value])
  return asked
}

/** Title of the browser's window while a view has a more telling one than its name. */
export function useTitle(text: string | undefined): void {
  useEffect(() => {
    title.set(text)
    return () => title.set(undefined)
  }, [text])
}

/** The title that a view has set. */
export function useOwnTitle(): string | undefined {
  return useCell(title)
}

const vendors = cell<readonly Vendor[]>([])
const state = cell<SandboxState | undefined>(undefined)
const title = cell<string | undefined>(undefined)

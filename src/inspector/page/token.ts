import { cell, useCell } from './cell.js'

/** The control token, kept for this tab alone. */
export function readToken(): string | undefined {
  return window.sessionStorage.getItem(storageKey) ?? undefined
}

/** Stores the token that the user entered. */
export function keepToken(token: string): void {
  window.sessionStorage.setItem(storageKey, token)
  wanted.set(false)
  refused.set(false)
}

/** Forgets a token that was refused, or notes that one is needed. */
export function forgetToken(): void {
  // Calls that were under way when the first one was refused find no token any more.
  if (readToken() !== undefined) refused.set(true)
  window.sessionStorage.removeItem(storageKey)
  wanted.set(true)
}

/** Hook: true if the token that was entered last was refused. */
export function useWasRefused(): boolean {
  return useCell(refused)
}

/** Hook: true if the sandbox requires a token that is not known yet. */
export function useTokenWanted(): boolean {
  return useCell(wanted)
}

const storageKey = 'coinslot-control-token'
const wanted = cell(false)
const refused = cell(false)

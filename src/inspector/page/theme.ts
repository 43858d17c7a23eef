import { cell, useCell } from './cell.js'

/** Light, dark, or the theme of the system. */
export type Theme = 'auto' | 'light' | 'dark'

/** Theme chosen in this browser. */
export function useTheme(): Theme {
  return useCell(theme)
}

/** Applies a theme and stores the choice. */
export function chooseTheme(chosen: Theme): void {
  window.localStorage.setItem(storageKey, chosen)
  theme.set(chosen)
  apply(chosen)
}

const storageKey = 'coinslot-theme'
const theme = cell(stored())
apply(theme.get())

function stored(): Theme {
  const text = window.localStorage.getItem(storageKey)
  return text === 'light' || text === 'dark' ? text : 'auto'
}

function apply(chosen: Theme): void {
  if (chosen === 'auto') document.documentElement.removeAttribute('data-theme')
  else document.documentElement.setAttribute('data-theme', chosen)
}

import { cell, useCell } from './cell.js'

/** Location on the page: everything that a link should restore. */
export interface Place {
  view: string
  /** Open item of the view: an entry's id, vendor and table … */
  rest: readonly string[]
  query: Readonly<Record<string, string>>
}

/** Names the workspace that is looked at; absent: the one the page itself was opened for. */
export const workspaceParameter = 'in'

/** Pinned requests with their notes, so that a link shows them to others. */
export const pinsParameter = 'pins'

/** The place, and again whenever it changes. */
export function usePlace(): Place {
  return useCell(place)
}

/** The place as it is now. */
export function currentPlace(): Place {
  return place.get()
}

/** A link to a view; the workspace and the pins stay unless another is named. Empty values are left out. */
export function linkTo(view: string, rest: readonly string[] = [], query: Readonly<Record<string, string | undefined>> = {}): string {
  const { [workspaceParameter]: workspace, [pinsParameter]: pins } = currentPlace().query
  const all = Object.entries({
    [workspaceParameter]: workspace,
    ...(query[workspaceParameter] === undefined && { [pinsParameter]: pins }),
    ...query,
  })
  const text = new URLSearchParams(all.flatMap(([name, value]) => (value ? [[name, value]] : []))).toString()
  return `#/${[view, ...rest].map(encodeURIComponent).join('/')}${text && `?${text}`}`
}

/** Goes to a link; `replace` for what typing changes, so that Back leads to the view before. */
export function goTo(link: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, '', link)
  else window.history.pushState(null, '', link)
  place.set(placeOf(link))
}

const place = cell(placeOf(window.location.hash))
window.addEventListener('hashchange', () => place.set(placeOf(window.location.hash)))

function placeOf(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [view = '', ...rest] = path.split('/').map(decoded)
  return {
    view: view === '' ? 'live' : view,
    rest: rest.filter((part) => part !== ''),
    query: Object.fromEntries(new URLSearchParams(query)),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

import { useEffect, useRef, useState } from 'preact/hooks'
import { refreshAll, useAsked } from './asked.js'
import { TextField, Form } from './parts/fields.js'
import { Empty } from './parts/notes.js'
import { goTo, linkTo, usePlace, workspaceParameter } from './place.js'
import type { Devices, Workspace } from './shapes.js'
import { chooseTheme, useTheme, type Theme } from './theme.js'
import { keepToken, useTokenWanted } from './token.js'
import { viewGroups } from './views/index.js'

/** The frame around every view: where one is, for which workspace, and how it looks. */
export function Shell() {
  const { view } = usePlace()
  const isTokenWanted = useTokenWanted()
  const known = viewGroups.flatMap(({ views }) => views).find(({ id }) => id === view)
  const title = known?.title ?? 'Not found'
  const heading = useRef<HTMLHeadingElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = `${title} · coinslot inspector`
    // A new view is announced by focusing its heading; the first view of the page leaves the focus alone.
    if (!isFirst.current) heading.current?.focus()
    isFirst.current = false
  }, [title])
  const [isMenuOpen, setMenuOpen] = useState(false)
  const Shown = known?.show
  return (
    <>
      <a class="skip" href="#content" onClick={(event: Event) => skipTo(event, heading.current)}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={linkTo('live')}>
          coinslot <span>inspector</span>
        </a>
        <WorkspaceChoice />
        <ThemeChoice />
        <button
          type="button"
          class="outline secondary menu"
          aria-expanded={isMenuOpen ? 'true' : 'false'}
          aria-controls="views"
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          Menu
        </button>
      </header>
      <div class="frame">
        <Navigation current={view} isOpen={isMenuOpen} onChosen={() => setMenuOpen(false)} />
        <main id="content">
          <h1 ref={heading} tabindex={-1}>
            {title}
          </h1>
          {isTokenWanted ? <TokenForm /> : Shown ? <Shown /> : <Empty title="There is no such view." />}
        </main>
      </div>
    </>
  )
}

function Navigation({ current, isOpen, onChosen }: { current: string; isOpen: boolean; onChosen: () => void }) {
  return (
    <nav id="views" class={isOpen ? 'views open' : 'views'} aria-label="Views">
      {viewGroups.map(({ title, views }) => (
        <section key={title}>
          <h2>{title}</h2>
          <ul>
            {views.map((view) => (
              <li key={view.id}>
                <a href={linkTo(view.id)} aria-current={view.id === current ? 'page' : undefined} onClick={onChosen}>
                  {view.title}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <p class="views-end">
        <a href="docs">API reference</a>
      </p>
    </nav>
  )
}

function WorkspaceChoice() {
  const { view, query } = usePlace()
  const { value: here } = useAsked<Devices>('devices')
  const { value: known, reload } = useAsked<{ workspaces: Workspace[] }>('workspaces')
  const current = query[workspaceParameter] ?? here?.workspace ?? 'default'
  const names = [...new Set([current, ...(known?.workspaces ?? []).map(({ name }) => name)])].sort()
  return (
    <label class="workspace">
      <span>Workspace</span>
      <select value={current} onFocus={reload} onChange={(event: Event) => openWorkspace(view, (event.target as HTMLSelectElement).value)}>
        {names.map((name) => (
          <option key={name} value={name} selected={name === current}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

function openWorkspace(view: string, name: string): void {
  goTo(linkTo(view, [], { [workspaceParameter]: name }))
}

const themes: readonly (readonly [Theme, string])[] = [
  ['auto', 'System theme'],
  ['light', 'Light theme'],
  ['dark', 'Dark theme'],
]

function ThemeChoice() {
  const theme = useTheme()
  return (
    <label class="theme">
      <span class="hidden">Theme</span>
      <select value={theme} onChange={(event: Event) => chooseTheme((event.target as HTMLSelectElement).value as Theme)}>
        {themes.map(([id, text]) => (
          <option key={id} value={id} selected={id === theme}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

function TokenForm() {
  const [token, setToken] = useState('')
  const send = () => {
    keepToken(token)
    refreshAll()
  }
  return (
    <Form label="Control token" onSend={send}>
      <p>This sandbox was started with a control token. It is kept in this tab only.</p>
      <TextField label="Control token" type="password" value={token} onValue={setToken} isRequired />
      <button type="submit">Go on</button>
    </Form>
  )
}

function skipTo(event: Event, heading: HTMLElement | null): void {
  // The hash names the view, so it cannot name the place on it.
  event.preventDefault()
  heading?.focus()
}

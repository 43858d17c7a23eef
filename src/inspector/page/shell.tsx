import { useEffect, useRef, useState } from 'preact/hooks'
import { refreshAll, useAsked, useDeed } from './asked.js'
import { ask, download, type Refusal } from './control.js'
import { keyHelp, useKeys } from './keys.js'
import { useKnown, useOwnTitle, useSandboxState } from './known.js'
import { Dialog } from './parts/dialog.js'
import { TextField, Form } from './parts/fields.js'
import { Empty, RefusalNote } from './parts/notes.js'
import { goTo, linkTo, usePlace, workspaceParameter } from './place.js'
import type { Devices, Workspace } from './shapes.js'
import { StateStrip } from './state-strip.js'
import { chooseTheme, useTheme, type Theme } from './theme.js'
import { keepToken, readToken, useTokenWanted, useWasRefused } from './token.js'
import { viewGroups } from './views/index.js'

/** The frame around every view: where one is, for which workspace, what is not ordinary in it, and how it looks. */
export function Shell() {
  const { view, query } = usePlace()
  const workspace = query[workspaceParameter]
  const { refusal } = useKnown()
  const own = useOwnTitle()
  const [isHelpOpen, setHelpOpen] = useState(false)
  useKeys({ '?': () => setHelpOpen(true) })
  const isTokenWanted = useTokenWanted()
  const known = viewGroups.flatMap(({ views }) => views).find(({ id }) => id === view)
  const title = known?.title ?? 'Not found'
  const heading = useRef<HTMLHeadingElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    document.title = [own ?? title, workspace, 'coinslot'].filter(Boolean).join(' · ')
  }, [own, title, workspace])
  useEffect(() => {
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
        <button type="button" class="outline secondary keys-button" aria-label="Keyboard" onClick={() => setHelpOpen(true)}>
          ?
        </button>
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
      <StateStrip />
      <div class="frame">
        <Navigation current={view} isOpen={isMenuOpen} onChosen={() => setMenuOpen(false)} />
        <main id="content">
          <h1 ref={heading} tabindex={-1}>
            {title}
          </h1>
          {isTokenWanted ? <TokenForm /> : isMissing(refusal) ? <MissingWorkspace refusal={refusal} /> : Shown ? <Shown /> : <NoView />}
        </main>
      </div>
      {isHelpOpen && <KeyHelp onClose={() => setHelpOpen(false)} />}
    </>
  )
}

function NoView() {
  return (
    <Empty title="There is no such view.">
      <p>
        <a href={linkTo('live')}>Go to the requests</a>
      </p>
    </Empty>
  )
}

function isMissing(refusal: Refusal | undefined): boolean {
  return refusal?.status === 404
}

function MissingWorkspace({ refusal }: { refusal: Refusal | undefined }) {
  const { view, query } = usePlace()
  const name = query[workspaceParameter] ?? 'default'
  const make = useDeed(async () => {
    await ask('PUT', `workspaces/${encodeURIComponent(name)}`)
    refreshAll()
  })
  return (
    <Empty title={`There is no workspace ${name} yet.`}>
      <p>It is made by the first request for it, or here.</p>
      <div class="bar">
        <button type="button" onClick={make.run}>
          Make it
        </button>
        <a role="button" class="outline" href={linkTo(view, [], { [workspaceParameter]: 'default' })}>
          Go to default
        </a>
      </div>
      <RefusalNote refusal={make.refusal ?? (refusal?.status === 404 ? undefined : refusal)} />
    </Empty>
  )
}

function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="facts-list">
        {keyHelp.map(([key, words]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}

function Navigation({ current, isOpen, onChosen }: { current: string; isOpen: boolean; onChosen: () => void }) {
  const theme = useTheme()
  const state = useSandboxState()
  const counts: Readonly<Record<string, number | undefined>> = {
    faults: state?.faults.length,
    webhooks: state?.webhooks.failing.length,
  }
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
                  {(counts[view.id] ?? 0) > 0 && <span class="nav-count">{counts[view.id]}</span>}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <p class="views-end">
        <a
          href={theme === 'auto' ? 'docs' : `docs?theme=${theme}`}
          onClick={(event: Event) => {
            if (readToken() === undefined) return
            // A link sends no token, so the page is saved as a file.
            event.preventDefault()
            void download('docs', 'coinslot-api.html').catch(() => undefined)
          }}
        >
          API reference
        </a>
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
  ['auto', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
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
  const wasRefused = useWasRefused()
  const send = () => {
    keepToken(token)
    refreshAll()
  }
  return (
    <Form label="Control token" onSend={send}>
      {wasRefused && (
        <p class="note" role="alert">
          That token was refused.
        </p>
      )}
      <p>This sandbox was started with a control token. It is kept in this tab only.</p>
      <div class="narrow">
        <TextField label="Control token" type="password" value={token} onValue={setToken} isRequired />
      </div>
      <button type="submit">Go on</button>
    </Form>
  )
}

function skipTo(event: Event, heading: HTMLElement | null): void {
  // The hash names the view, so it cannot name the place on it.
  event.preventDefault()
  heading?.focus()
}

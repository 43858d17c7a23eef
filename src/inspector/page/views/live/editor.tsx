import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { parseWithLargeNumbers, writeAsSent } from '../../../../kernel/json/as-sent.js'
import { refreshAll, useAsked, useDeed } from '../../asked.js'
import { ask } from '../../control.js'
import { useKeys } from '../../keys.js'
import { Form, TextField } from '../../parts/fields.js'
import { RefusalNote } from '../../parts/notes.js'
import { goTo, linkTo, usePlace } from '../../place.js'
import type { Entry, Fields } from '../../shapes.js'
import { isDescription } from './accepted.js'
import { differencesOf, placeOf, shownValue } from './differences.js'
import { replayOf } from './replay.js'

interface Draft {
  method: string
  url: string
  headers: string
  body: string
}

interface EditorProps {
  entry: Entry
  /** Id of a request of the same route that was accepted. */
  accepted: string | undefined
  onClose: () => void
}

/** Changes a request beside its reason and sends it again; the values that its rule would have accepted are a click away. */
export function Editor({ entry, accepted, onClose }: EditorProps) {
  const { query } = usePlace()
  const { value: partner } = useAsked<Entry>(accepted === undefined ? undefined : `traffic/${encodeURIComponent(accepted)}`)
  const isBinary = entry.body.encoding === 'base64'
  const original = {
    method: entry.method,
    url: entry.url,
    headers: headerText(entry.headers),
    body: isBinary ? '' : readable(entry.body.text),
  }
  const [draft, setDraft] = useState<Draft>(original)
  const frame = useRef<HTMLElement>(null)
  // Before the page is drawn, so that the next key reaches the editor.
  useLayoutEffect(() => {
    const fields = ['.take', 'textarea', 'input'].flatMap((field) => frame.current?.querySelector<HTMLElement>(field) ?? [])
    fields[0]?.focus()
  }, [])
  useKeys({ Escape: onClose })
  const deed = useDeed(async () => {
    const isSame = draft.body === original.body
    const { method, url } = draft
    const wish = { ...replayOf(entry), method, url, headers: headerPairs(draft.headers), ...(!isSame && { body: draft.body }) }
    const { id } = await ask<Entry>('POST', 'traffic/replay', wish)
    onClose()
    refreshAll()
    goTo(linkTo('live', [id], query))
  })
  const bind = (member: keyof Draft, label: string) => ({
    label,
    name: member,
    value: draft[member],
    onValue: (value: string) => setDraft((before: Draft) => ({ ...before, [member]: value })),
    refusal: deed.refusal,
  })
  const takeable = entry.expected.flatMap(({ pointer, expected }) => {
    // Where the rule has only words, the accepted request has a value.
    const isWords = isDescription(expected)
    const value = isWords ? shortValueAt(partner, pointer) : expected
    if (value === undefined || !withMember(draft, pointer, value)) return []
    return [{ pointer, value, from: isWords ? ` of ${accepted}` : '' }]
  })
  const changed = isBinary ? [] : changesOf(entry, draft)
  return (
    <section
      class="part"
      aria-label={`Edit ${entry.id}`}
      ref={frame}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      <Form label="Request to send" onSend={deed.run}>
        {takeable.length > 0 && (
          <div class="bar">
            {takeable.map(({ pointer, value, from }) => (
              <button
                key={pointer}
                type="button"
                class="outline small take"
                onClick={() => setDraft((before: Draft) => withMember(before, pointer, value) ?? before)}
              >
                Take {placeOf(pointer)} {shownValue(value)}
                {from}
              </button>
            ))}
          </div>
        )}
        <div class="row">
          <TextField {...bind('method', 'Method')} />
          <TextField {...bind('url', 'Address')} />
        </div>
        {isBinary ? <p>Its body is no text and is sent as it was.</p> : <TextField {...bind('body', 'Body')} rows={rowsFor(draft.body)} />}
        <details>
          <summary>Headers</summary>
          <TextField {...bind('headers', 'Headers')} rows={5} hint="One a line; the length of the body is added." />
        </details>
        {changed.length > 0 && (
          <ul class="changes" aria-label="Changes">
            {changed.map(({ place, here, there }) => (
              <li key={place}>
                {place}: <del>{shownValue(there)}</del> <ins>{shownValue(here)}</ins>
              </li>
            ))}
          </ul>
        )}
        <RefusalNote refusal={deed.refusal} shownFields={['method', 'url', 'headers', 'body']} />
        <div class="bar">
          <button type="submit" class="small" aria-busy={deed.isBusy ? 'true' : undefined}>
            Send
          </button>
          <button type="button" class="outline secondary small" onClick={onClose}>
            Cancel
          </button>
        </div>
      </Form>
    </section>
  )
}

/** Value of a request at a pointer into its body; undefined for one that is long, such as a receipt, which cannot be used twice. */
function shortValueAt(entry: Entry | undefined, pointer: string): unknown {
  const [part, ...names] = pointer.slice(1).split('/').map(unescaped)
  if (part !== 'body' || names.length === 0) return undefined
  const value = names.reduce<unknown>(
    (holder, name) => (typeof holder === 'object' && holder !== null ? (holder as Record<string, unknown>)[name] : undefined),
    entry?.body.parsed,
  )
  return value === undefined || writeAsSent(value).length > mostCharacters ? undefined : value
}

const mostCharacters = 80

function unescaped(name: string): string {
  return name.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Changes of the draft in a JSON body. */
function changesOf(entry: Entry, { body }: Draft) {
  const parsed = jsonOr(body)
  if (parsed === undefined || jsonOr(entry.body.text) === undefined) return []
  const bare = { headers: {}, query: {} }
  return differencesOf({ ...bare, body: { parsed } }, { ...bare, body: { parsed: jsonOr(entry.body.text) } }, [])
}

/** A draft with a member as the rule would have accepted it; undefined if it cannot be set. */
function withMember(draft: Draft, pointer: string, value: unknown): Draft | undefined {
  const [part = '', ...names] = pointer.slice(1).split('/').map(unescaped)
  const [name = ''] = names
  if (part === 'headers') {
    const others = headerPairs(draft.headers).filter(([known]) => known.toLowerCase() !== name)
    return { ...draft, headers: [...others, [name, String(value)]].map((pair) => pair.join(': ')).join('\n') }
  }
  if (part === 'query') {
    const [path = '', search] = draft.url.split('?', 2)
    const all = new URLSearchParams(search)
    all.set(name, String(value))
    return { ...draft, url: `${path}?${all.toString()}` }
  }
  if (part !== 'body' || names.length === 0) return undefined
  const parsed = jsonOr(draft.body)
  if (typeof parsed === 'object' && parsed !== null) return { ...draft, body: writeAsSent(replaced(parsed, names, value), 2) }
  if (names.length > 1 || !/^[\w%.*+-]+=/.test(draft.body)) return undefined
  const form = new URLSearchParams(draft.body)
  form.set(name, String(value))
  return { ...draft, body: form.toString() }
}

function replaced(holder: unknown, [name, ...rest]: string[], value: unknown): unknown {
  if (name === undefined) return value
  if (Array.isArray(holder)) return holder.map((one: unknown, at) => (String(at) === name ? replaced(one, rest, value) : one))
  const members = (typeof holder === 'object' && holder !== null ? holder : {}) as Record<string, unknown>
  return { ...members, [name]: replaced(members[name], rest, value) }
}

function headerText(headers: Fields): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
  return lines.filter((line) => !/^(content-length|transfer-encoding|connection):/.test(line)).join('\n')
}

function headerPairs(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    if (line.trim() === '') return []
    return colon < 0 ? [[line.trim(), '']] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]]
  })
}

/** JSON is easier to change when it is indented; anything else stays as it is. */
function readable(text: string): string {
  const parsed = /^\s*[[{]/.test(text) ? jsonOr(text) : undefined
  return parsed === undefined ? text : writeAsSent(parsed, 2)
}

function jsonOr(text: string): unknown {
  try {
    JSON.parse(text)
    return parseWithLargeNumbers(text)
  } catch {
    return undefined
  }
}

function rowsFor(text: string): number {
  return Math.min(16, Math.max(3, text.split('\n').length + 1))
}

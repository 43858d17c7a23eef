import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { useKeys } from '../../keys.js'
import { useSandboxState, useVendors } from '../../known.js'
import { currentPlace, goTo, linkTo, usePlace } from '../../place.js'
import type { BriefEntry, OutcomeCounts } from '../../shapes.js'
import { keptOf } from '../../words.js'

/** The query in a place, as the control API takes it. */
export function filterQuery(query: Readonly<Record<string, string>>): string {
  return query['q'] ? new URLSearchParams({ q: query['q'] }).toString() : ''
}

/** Words of a query line; a word in quotation marks may hold spaces. */
export function wordsOf(text: string): string[] {
  return text.match(/-?(?:[a-z]+:)?(?:"[^"]*"?|\S+)/gi) ?? []
}

/** A query line of these words. */
export function joinQuery(words: readonly string[]): string {
  return words.join(' ')
}

/** A word for a key and a value. */
export function queryWord(key: string, value: string): string {
  return `${key}:${/\s/.test(value) ? `"${value}"` : value}`
}

/** One line that filters the list, with completion; it is part of the address, so that it can be shared. */
export function QueryLine({ counts, entries }: { counts: OutcomeCounts | undefined; entries: readonly BriefEntry[] }) {
  const { rest, query } = usePlace()
  const applied = query['q'] ?? ''
  const [text, setText] = useState(applied)
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  const lastApplied = useRef(applied)
  useEffect(() => {
    // The line's own query, which the address holds without the space after it, must not replace what is being typed.
    const now = currentPlace().query['q'] ?? ''
    if (now !== lastApplied.current) setText(now)
    lastApplied.current = now
  }, [applied])
  useKeys({ '/': () => field.current?.focus() })
  const words = wordsOf(text)
  const typed = /\s$/.test(text) ? '' : (words.at(-1) ?? '')
  const choices = useChoices(typed, { counts, entries })
  const apply = (q: string) => {
    if (q.trim() === applied) return
    lastApplied.current = q.trim()
    goTo(linkTo('live', rest, { ...query, page: undefined, q: q.trim() }), { replace: true })
  }
  useEffect(() => {
    // A word with a key is applied once it is complete, which a space, Enter or a completion says.
    if (/^-?[a-z]+:/i.test(typed)) return
    const timer = setTimeout(() => apply(text), typingMs)
    return () => clearTimeout(timer)
  }, [text])
  const take = (word: string) => {
    const next = joinQuery([...words.slice(0, typed === '' ? undefined : -1), word]) + (word.endsWith(':') ? '' : ' ')
    setText(next)
    setActive(-1)
    if (!word.endsWith(':')) apply(next)
    field.current?.focus()
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return isOpen && choices.length > 0 ? setOpen(false) : field.current?.blur()
    if (event.key === 'Enter') {
      const chosen = isOpen ? choices[active] : undefined
      event.preventDefault()
      if (chosen) return take(chosen.word)
      setOpen(false)
      return apply(text)
    }
    if (event.key === ' ' && /^-?[a-z]+:\S/i.test(typed)) apply(text)
    if ((event.key !== 'ArrowDown' && event.key !== 'ArrowUp') || choices.length === 0) return
    event.preventDefault()
    setOpen(true)
    setActive((active + (event.key === 'ArrowDown' ? 1 : choices.length)) % choices.length)
  }
  const isShown = isOpen && choices.length > 0
  return (
    <form class="query-line" role="search" aria-label="Filter requests" onSubmit={(event: Event) => event.preventDefault()}>
      <label class="hidden" for={id}>
        Query
      </label>
      <input
        ref={field}
        id={id}
        type="search"
        role="combobox"
        list={undefined}
        aria-expanded={isShown ? 'true' : 'false'}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder="is:refused vendor:… since:5m or text"
        value={text}
        onInput={(event: Event) => {
          setText((event.target as HTMLInputElement).value)
          setOpen(true)
          setActive(-1)
        }}
        onKeyDown={pressed}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false)
          apply(text)
        }}
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Completions" class="completions" hidden={!isShown}>
        {choices.map(({ word, hint }, at) => (
          <li
            key={word}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active ? 'true' : 'false'}
            // The field keeps the focus.
            onMouseDown={(event: Event) => event.preventDefault()}
            onClick={() => take(word)}
          >
            <b>{word}</b> <span class="muted">{hint}</span>
          </li>
        ))}
      </ul>
    </form>
  )
}

interface Choice {
  word: string
  hint: string
}

/** Completions of the word that is being typed: keys, then values that occur. */
function useChoices(typed: string, { counts, entries }: { counts: OutcomeCounts | undefined; entries: readonly BriefEntry[] }): Choice[] {
  const vendors = useVendors()
  const state = useSandboxState()
  const [, minus = '', key = '', start = ''] = /^(-?)(?:([a-z]+):)?(.*)$/i.exec(typed) ?? []
  const distinct = (values: readonly (string | null)[]): Choice[] =>
    [...new Set(values)].flatMap((value) => (value === null || value === '' ? [] : [{ word: value, hint: '' }]))
  const values: Readonly<Record<string, () => Choice[]>> = {
    is: () => states.map(([word, hint]) => ({ word, hint })),
    vendor: () => [...vendors.map(({ id, title }) => ({ word: id, hint: title })), { word: 'none', hint: 'belongs to no vendor' }],
    outcome: () =>
      (counts?.outcomes ?? []).map((one) => ({ word: one.outcome, hint: `${one.vendor ?? 'no vendor'}, ${keptOf([one])} kept` })),
    status: () => [...distinct(entries.map(({ status }) => (status === null ? 'none' : String(status)))), ...distinct(['4xx', '5xx'])],
    player: () => distinct(entries.map(({ player }) => player)),
    product: () => distinct(entries.map(({ product }) => product)),
    method: () => distinct(entries.map(({ method }) => method)),
    path: () => distinct(entries.map(({ path }) => path)),
    route: () => distinct(entries.map(({ route }) => route)),
    fault: () => distinct([...(state?.faults ?? []), ...entries.map(({ fault }) => fault?.id ?? null)]),
    since: () => ['1m', '5m', '1h', '1d'].map((word) => ({ word, hint: 'until now' })),
  }
  if (key === '') {
    const found = Object.entries(keyHints).filter(([name]) => name.startsWith(start.toLowerCase()))
    return found.map(([name, hint]) => ({ word: `${minus}${name}:`, hint }))
  }
  const plain = start.replaceAll('"', '').toLowerCase()
  const found = (values[key.toLowerCase()]?.() ?? []).filter(({ word, hint }) => `${word} ${hint}`.toLowerCase().includes(plain))
  const unique = [...new Map(found.map((choice) => [choice.word, choice])).values()]
  return unique.slice(0, mostChoices).map(({ word, hint }) => ({ word: `${minus}${queryWord(key, word)}`, hint }))
}

const keyHints: Readonly<Record<string, string>> = {
  is: 'verdict, or faulted, warned, unanswered',
  vendor: 'whose API',
  outcome: 'what its rule decided',
  player: 'who bought',
  product: 'what was bought',
  status: '422, 4xx, none',
  fault: 'met this fault',
  since: '5m, 1h, or a request',
  path: 'whole, or with * at its end',
  route: 'path pattern of the call',
  method: 'GET, POST',
}

const states: readonly (readonly [string, string])[] = [
  ['accepted', ''],
  ['repeated', 'was accepted before'],
  ['pending', 'is decided later'],
  ['refused', 'whatever its status'],
  ['failed', 'a fault or a bug answered'],
  ['faulted', 'met a fault'],
  ['warned', 'accepted, but the real service may not'],
  ['unanswered', 'got no answer'],
]

const typingMs = 300
const mostChoices = 12

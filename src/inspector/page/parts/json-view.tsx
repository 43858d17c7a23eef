import { useState } from 'preact/hooks'

/** JSON as a tree. Strings are shown as text, never as markup. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  return (
    <div class="json" tabindex={0} role="group" aria-label={label}>
      <Node value={value} depth={0} />
    </div>
  )
}

function Node({ value, depth }: { value: unknown; depth: number }) {
  if (Array.isArray(value)) return <Branch members={value.map((one, at) => [String(at), one])} marks="[]" depth={depth} />
  if (typeof value === 'object' && value !== null) return <Branch members={Object.entries(value)} marks="{}" depth={depth} />
  return <Leaf value={value} />
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value !== 'string') return <span class={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>
  return (
    <span class="json-string">
      <LongText text={JSON.stringify(value)} />
    </span>
  )
}

function Branch({ members, marks, depth }: { members: readonly (readonly [string, unknown])[]; marks: string; depth: number }) {
  const [limit, setLimit] = useState(shownMembers)
  if (members.length === 0) return <span class="muted">{marks}</span>
  const list = (
    <ul>
      {members.slice(0, limit).map(([name, value]) => (
        <li key={name}>
          <span class="json-name">{name}</span>: <Node value={value} depth={depth + 1} />
        </li>
      ))}
      {members.length > limit && (
        <li>
          <button type="button" class="outline secondary small" onClick={() => setLimit(limit * 10)}>
            Show more of {members.length}
          </button>
        </li>
      )}
    </ul>
  )
  if (depth === 0) return list
  return (
    <details open={depth < openDepth}>
      <summary>
        {marks[0]} {members.length} {marks[1]}
      </summary>
      {list}
    </details>
  )
}

/** A string of any length; a long one is cut until the user expands it. */
export function LongText({ text, limit = shownCharacters }: { text: string; limit?: number }) {
  const [isWhole, setWhole] = useState(false)
  if (text.length <= limit || isWhole) return <>{text}</>
  return (
    <>
      {text.slice(0, limit)}…{' '}
      <button type="button" class="outline secondary small" onClick={() => setWhole(true)}>
        Show all {text.length.toLocaleString('en')} characters
      </button>
    </>
  )
}

const openDepth = 4
const shownMembers = 100
const shownCharacters = 2_000

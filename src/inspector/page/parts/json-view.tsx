import { useState } from 'preact/hooks'
import { NumberAsSent } from '../../../kernel/json/as-sent.js'

/** JSON as a tree. Strings are shown as text, never as markup. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  return (
    <div class="json" tabindex={0} role="group" aria-label={label}>
      <Node value={value} depth={0} />
    </div>
  )
}

function Node({ value, depth, name }: { value: unknown; depth: number; name?: string }) {
  const isList = Array.isArray(value)
  if (typeof value === 'object' && value !== null && !(value instanceof NumberAsSent)) {
    const members: [string, unknown][] = isList ? value.map((one, at) => [String(at), one]) : Object.entries(value)
    return <Branch members={members} marks={isList ? '[]' : '{}'} depth={depth} name={name} />
  }
  return (
    <>
      <Name name={name} />
      <Leaf value={value} />
    </>
  )
}

function Name({ name }: { name: string | undefined }) {
  if (name === undefined) return null
  return (
    <>
      <span class="json-name">{name}</span>:{' '}
    </>
  )
}

function Leaf({ value }: { value: unknown }) {
  if (value instanceof NumberAsSent) return <span class="json-number">{value.digits}</span>
  if (typeof value !== 'string') return <span class={`json-${value === null ? 'null' : typeof value}`}>{String(value)}</span>
  return (
    <span class="json-string">
      <LongText text={JSON.stringify(value)} />
    </span>
  )
}

interface BranchProps {
  members: readonly (readonly [string, unknown])[]
  marks: string
  depth: number
  name: string | undefined
}

function Branch({ members, marks, depth, name }: BranchProps) {
  const [limit, setLimit] = useState(shownMembers)
  if (members.length === 0) {
    return (
      <>
        <Name name={name} />
        <span class="muted">{marks}</span>
      </>
    )
  }
  const list = (
    <ul>
      {members.slice(0, limit).map(([member, value]) => (
        <li key={member}>
          <Node value={value} depth={depth + 1} name={member} />
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
        <Name name={name} />
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

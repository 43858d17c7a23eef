import { parseWithLargeNumbers } from '../../../../kernel/json/as-sent.js'

/** A fault as it is being filled in. */
export type FaultDraft = Readonly<
  Partial<
    Record<
      | 'vendor'
      | 'method'
      | 'path'
      | 'kind'
      | 'name'
      | 'status'
      | 'body'
      | 'ms'
      | 'bytes'
      | 'bytesPerSecond'
      | 'times'
      | 'skip'
      | 'percent'
      | 'position',
      string
    >
  >
>

/** Kinds of faults with their fields. */
export const effectKinds: readonly { id: string; words: string; fields: readonly (keyof FaultDraft)[] }[] = [
  { id: 'named', words: 'the vendor sends one of its own replies', fields: ['name'] },
  { id: 'reply', words: 'a reply of your own is sent', fields: ['status', 'body'] },
  { id: 'delay', words: 'it takes longer', fields: ['ms'] },
  { id: 'drop', words: 'the connection is dropped', fields: [] },
  { id: 'hang', words: 'nothing ever comes', fields: [] },
  { id: 'truncate', words: 'the answer ends too early', fields: ['bytes'] },
  { id: 'garble', words: 'the answer no longer parses', fields: [] },
  { id: 'drip', words: 'the answer comes slowly', fields: ['bytesPerSecond'] },
]

/** The requests a fault is for. */
export function matchOf({ vendor, method, path }: FaultDraft): Record<string, unknown> {
  return { ...(vendor && { vendor }), ...(method && { method }), ...(path && { path }) }
}

/** Effect of a fault for the control API; empty fields are left out, so that the sandbox explains what is missing. */
export function effectOf(draft: FaultDraft): Record<string, unknown> {
  const { kind, name, body } = draft
  const numbers = Object.fromEntries(
    (['status', 'ms', 'bytes', 'bytesPerSecond'] as const).flatMap((member) => (draft[member] ? [[member, Number(draft[member])]] : [])),
  )
  switch (kind) {
    case 'named':
      return { kind: 'reply', name }
    case 'reply':
      return { kind, status: numbers['status'], ...(body && { body: jsonOrText(body) }) }
    case 'delay':
      return { kind, ms: numbers['ms'] }
    case 'truncate':
      return { kind, bytes: numbers['bytes'] }
    case 'drip':
      return { kind, bytesPerSecond: numbers['bytesPerSecond'] }
    default:
      return { kind }
  }
}

function jsonOrText(text: string): unknown {
  try {
    JSON.parse(text)
    return parseWithLargeNumbers(text)
  } catch {
    return text
  }
}

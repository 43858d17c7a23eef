import type { ComponentChildren } from 'preact'
import type { Refusal } from '../control.js'

/** An error shown where it happened; errors of members that no field shows are listed. */
export function RefusalNote({ refusal, shownFields = [] }: { refusal: Refusal | undefined; shownFields?: readonly string[] }) {
  if (!refusal) return null
  const { title, detail, errors } = refusal
  const unshown = errors.filter(({ path }) => !shownFields.some((field) => isOf(path, field)))
  // Each field shows its own error.
  if (errors.length > 0 && unshown.length === 0) return null
  // The one error of a query line is the detail, word for word.
  const others = unshown.filter(({ message }) => message !== detail)
  const isDetailed = errors.length === 0 || detail !== errors.map(({ path, message }) => `${path || '/'}: ${message}`).join('; ')
  return (
    <div class="note note-bad" role="alert">
      <strong>{title}</strong>
      {isDetailed && <p>{detail}</p>}
      {others.length > 0 && (
        <ul>
          {others.map(({ path, message }) => (
            <li key={path}>
              <code>{path || '/'}</code> {plainWords(message)}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** A message of the control API in plain words. */
export function plainWords(message: string): string {
  const [, type, got] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? []
  if (type === undefined) return message
  return got === 'undefined' ? 'is missing' : `must be ${type === 'string' ? 'text' : `a ${type}`}`
}

/** True if a JSON pointer points at a field or into it; fields are named by pointers without the first slash. */
export function isOf(path: string, field: string): boolean {
  return path === `/${field}` || path.startsWith(`/${field}/`)
}

/** Note of an empty view that says what to do first. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  )
}

/** Note that a call is pending. */
export function Waiting() {
  return (
    <p class="muted" aria-busy="true">
      Asking the sandbox…
    </p>
  )
}

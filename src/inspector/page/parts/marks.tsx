import { mood, statusWord } from '../words.js'

/** A status, coloured by what it means. */
export function Status({ status }: { status: number | null }) {
  return <span class={`mark mark-${mood(status)}`}>{statusWord(status)}</span>
}

/** A framed word. */
export function Badge({ text, kind = 'plain' }: { text: string; kind?: string }) {
  return <span class={`badge badge-${kind}`}>{text}</span>
}

/** Mark of a check: passed, failed, or null if it cannot be known. */
export function Sign({ ok }: { ok: boolean | null }) {
  const [sign, word, kind] = ok === null ? ['–', 'not known', 'silent'] : ok ? ['✓', 'holds', 'good'] : ['✗', 'fails', 'failed']
  return (
    <span class={`mark mark-${kind}`}>
      <span aria-hidden="true">{sign} </span>
      {word}
    </span>
  )
}

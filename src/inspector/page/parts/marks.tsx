import { signs } from '../words.js'
import type { Tone } from '../../purchase-rows.js'

/** Status of a request, coloured by its verdict; a missing answer is said in place of it. */
export function VerdictMark({ verdict, status }: { verdict: Tone; status: number | null }) {
  return <ToneMark tone={verdict} text={status === null ? 'no answer' : String(status)} isNamed />
}

/** A word coloured by its meaning; `isNamed` says the meaning to screen readers as well. */
export function ToneMark({ tone, text, isNamed = false }: { tone: Tone; text: string; isNamed?: boolean }) {
  return (
    <span class={`mark mark-${tone}`} title={isNamed ? tone : undefined}>
      <span aria-hidden="true">{signs[tone]} </span>
      {isNamed && <span class="hidden">{tone} </span>}
      {text}
    </span>
  )
}

/** A framed word. */
export function Badge({ text, kind = 'plain' }: { text: string; kind?: string }) {
  return <span class={`badge badge-${kind}`}>{text}</span>
}

/** Mark of a check: passed, failed, or null if it cannot be known. */
export function Sign({ ok }: { ok: boolean | null }) {
  return <ToneMark tone={ok === null ? 'plain' : ok ? 'accepted' : 'refused'} text={ok === null ? 'not known' : ok ? 'holds' : 'fails'} />
}

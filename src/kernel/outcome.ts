/** Meanings of an outcome for the purchase. */
export const verdicts = ['accepted', 'repeated', 'pending', 'refused', 'failed'] as const
export type Verdict = (typeof verdicts)[number]

/**
 * Declaration of an outcome: its status or statuses, and its verdict if it does not follow from the status. Without one the verdict is
 * `accepted` below 400 and `refused` from 400 on.
 */
export type Outcome = number | readonly number[] | DeclaredOutcome

export interface DeclaredOutcome {
  readonly verdict: Verdict
  readonly status: number | readonly number[]
}

/** Declares an outcome of a request that was accepted before and changes nothing. */
export function repeated(...status: number[]): DeclaredOutcome {
  return { verdict: 'repeated', status }
}

/** Declares an outcome that is decided later, or that the vendor could not decide. */
export function pending(...status: number[]): DeclaredOutcome {
  return { verdict: 'pending', status }
}

/** Declares an outcome that is a refusal although its status is below 400. */
export function refused(...status: number[]): DeclaredOutcome {
  return { verdict: 'refused', status }
}

/** Statuses that an outcome is answered with. */
export function statusesOf(outcome: Outcome): readonly number[] {
  if (typeof outcome === 'number') return [outcome]
  return isDeclared(outcome) ? [outcome.status].flat() : outcome
}

/** Verdict of an outcome that was answered with a status. */
export function verdictOf(outcome: Outcome, status: number): Verdict {
  if (typeof outcome === 'object' && isDeclared(outcome)) return outcome.verdict
  return status < 400 ? 'accepted' : 'refused'
}

function isDeclared(outcome: readonly number[] | DeclaredOutcome): outcome is DeclaredOutcome {
  return 'verdict' in outcome
}

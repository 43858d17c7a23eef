/** Result of one check. */
export interface Check {
  name: string
  ok: boolean
  /** The finding, with its value. */
  detail: string
  /** Advice, if there is something to correct. */
  mend?: string
  /** False if these settings do not depend on it, and it does not fail the command. */
  needed?: false
}

/** Returns a check that found no fault. */
export function fine(name: string, detail: string): Check {
  return { name, ok: true, detail }
}

/** Returns a check that found something to correct. */
export function wrong(name: string, detail: string, mend: string): Check {
  return { name, ok: false, detail, mend }
}

/** Marks a failed check as one that does not fail the command. */
export function notNeeded(check: Check): Check {
  return check.ok ? check : { ...check, needed: false }
}

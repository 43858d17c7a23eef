/** One thing the doctor looked at. */
export interface Check {
  name: string
  ok: boolean
  /** What was found, with the value. */
  detail: string
  /** What to do if it is not as it should be. */
  mend?: string
  /** False if these settings do not depend on it, so that it fails nothing. */
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

/** Marks a check that failed as one that fails nothing. */
export function notNeeded(check: Check): Check {
  return check.ok ? check : { ...check, needed: false }
}

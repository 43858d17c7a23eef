/** One thing the doctor looked at. */
export interface Check {
  name: string
  ok: boolean
  /** What was found, with the value. */
  detail: string
  /** What to do where it is not as it should be. */
  mend?: string
}

/** A check that found all well. */
export function fine(name: string, detail: string): Check {
  return { name, ok: true, detail }
}

/** A check that found something to mend. */
export function wrong(name: string, detail: string, mend: string): Check {
  return { name, ok: false, detail, mend }
}

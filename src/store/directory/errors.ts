/** A file of the data directory does not hold what was written there. Nothing was touched. */
export class DamagedStore extends Error {
  override readonly name = 'DamagedStore'
  /** What is wrong and where, without what to do about it. */
  readonly finding: string

  constructor(
    readonly file: string,
    /** Counted from one; 0 when the file as a whole is meant. */
    readonly line: number,
    what: string,
    /** Where in the file the damage begins, in bytes. */
    readonly offset = 0,
  ) {
    const finding = `${line > 0 ? `${file}, line ${line}` : file}: ${what}.`
    super(`${finding} Start with --recover to keep all before it and move the rest aside, or with --reset to fill from the seed again.`)
    this.finding = finding
  }
}

/** Another process has the data directory open. */
export class DataInUse extends Error {
  override readonly name = 'DataInUse'

  constructor(
    readonly directory: string,
    /** Of the other process; `undefined` when it was too busy to say. */
    readonly pid: number | undefined,
  ) {
    super(`${directory} is open in another sandbox (pid ${pid ?? 'unknown'}). Stop it or choose another directory with --data.`)
  }
}

/** The data directory cannot be made, read or written. */
export class DataUnusable extends Error {
  override readonly name = 'DataUnusable'

  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(
      `${directory} cannot be used to keep data: ${messageOf(cause)}. Make it writable, choose another directory with --data, or keep nothing with --memory.`,
      { cause },
    )
  }
}

/** The code of a system error such as `ENOSPC`, if it is one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

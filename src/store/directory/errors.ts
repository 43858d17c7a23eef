import { sentence } from '../../kernel/show.js'
/** A file of the data directory does not hold what was written to it. No file was modified. */
export class DamagedStore extends Error {
  override readonly name = 'DamagedStore'
  /** The damage and its position, without the way out. */
  readonly finding: string

  constructor(
    readonly file: string,
    /** Counted from one; 0 for the file as a whole. */
    readonly line: number,
    what: string,
    /** Position of the damage in the file, in bytes. */
    readonly offset = 0,
  ) {
    const finding = `${line > 0 ? `${file}, line ${line}` : file}: ${what}.`
    super(
      `${finding} Start with --recover to keep everything before it and move the rest aside, or with --reset to fill the workspaces from the seed again.`,
    )
    this.finding = finding
  }
}

/** Another process has the data directory open. */
export class DataInUse extends Error {
  override readonly name = 'DataInUse'

  constructor(
    readonly directory: string,
    /** Process id of the other process; `undefined` if it was too busy to answer. */
    readonly pid: number | undefined,
  ) {
    super(`${directory} is open in another sandbox (pid ${pid ?? 'unknown'}). Stop it or choose another directory with --data.`)
  }
}

/** The data directory cannot be created, read or written. */
export class DataUnusable extends Error {
  override readonly name = 'DataUnusable'

  constructor(
    readonly directory: string,
    cause: unknown,
  ) {
    super(
      `${directory} cannot be used to keep data: ${sentence(messageOf(cause))} ${isFileInTheWay(cause) ? 'Choose' : 'Make it writable, choose'} another directory with --data, or keep nothing with --memory.`,
      { cause },
    )
  }
}

function isFileInTheWay(error: unknown): boolean {
  return ['ENOTDIR', 'EEXIST'].includes(codeOf(error) ?? '')
}

/** Code of a system error such as `ENOSPC`; `undefined` for other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** Code of a system error that says that the disk is full, else `undefined`. */
export function diskFullCodeOf(error: unknown): string | undefined {
  const code = codeOf(error)
  return fullCodes.has(code ?? '') ? code : undefined
}

/** Message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

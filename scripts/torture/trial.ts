/** Effort of the trials. */
export interface Settings {
  /** Number of kills. */
  kills: number
  /** A form of each trial that takes seconds. */
  quick: boolean
  /** The command under trial: a JavaScript file for node. */
  bin: string
  /** Called with progress, one line per call. */
  say: (text: string) => void
}

/** Counts that must be zero at the end. */
export interface Wrongs {
  /** Acknowledged and not there. */
  lost: string[]
  /** There twice, or counted twice. */
  doubled: string[]
  /** The process exited without a signal, or did not start. */
  crashed: string[]
  /** A refusal that was not in plain words, or that left something behind. */
  unclean: string[]
}

/** Result of a trial. */
export interface Result extends Wrongs {
  /** Number of actions by name. */
  done: string
  /** Figures, one sentence each. */
  found: string[]
  /** Why it could not be tried on this machine. */
  notTried?: string
}

/** One way of treating the sandbox badly. */
export interface Trial {
  name: string
  summary: string
  run(settings: Settings): Promise<Result>
}

/** A result in which nothing went wrong so far. */
export function noWrongs(): Wrongs {
  return { lost: [], doubled: [], crashed: [], unclean: [] }
}

/** Sums of the wrongs of all parts of a trial. */
export function allWrongs(...parts: readonly Wrongs[]): Wrongs {
  return {
    lost: parts.flatMap(({ lost }) => lost),
    doubled: parts.flatMap(({ doubled }) => doubled),
    crashed: parts.flatMap(({ crashed }) => crashed),
    unclean: parts.flatMap(({ unclean }) => unclean),
  }
}

/** Notes a sentence where a claim does not hold. */
export function expectThat(holds: boolean, wrongs: string[], sentence: () => string): void {
  if (!holds) wrongs.push(sentence())
}

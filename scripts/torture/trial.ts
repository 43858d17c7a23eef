/** How hard the trials try. */
export interface Settings {
  /** How often the process is killed. */
  kills: number
  /** A form of each trial that takes seconds. */
  quick: boolean
  /** The command under trial: a JavaScript file for node. */
  bin: string
  /** Told of progress, one line a call. */
  say: (text: string) => void
}

/** What must be zero at the end. */
export interface Wrongs {
  /** Acknowledged and not there. */
  lost: string[]
  /** There twice, or counted twice. */
  doubled: string[]
  /** The process ended, or would not start, by itself. */
  crashed: string[]
  /** A refusal that was not in plain words, or that left something behind. */
  unclean: string[]
}

/** What a trial did and found. */
export interface Result extends Wrongs {
  /** What was done and how often. */
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

/** What went wrong in all parts of a trial. */
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

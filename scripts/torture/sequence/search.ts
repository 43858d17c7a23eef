import { inFolder } from '../folder.js'
import { play, type Contradiction } from './play.js'
import { stepsOf, type Step } from './steps.js'
import type { OpenSubject } from './subject.js'

/** Longest search for a shorter sequence. */
const longestShrinkingMs = 60_000

/** Options of a search for a contradiction. */
export interface SearchOptions {
  seed: number
  count: number
  open: OpenSubject
  onStep?: (at: number) => void
}

/** Plays the steps of a seed. Returns a description of the contradiction with the seed and the shortest sequence; undefined if there is none. */
export async function searchForContradiction({ seed, count, open, onStep }: SearchOptions): Promise<string | undefined> {
  const steps = stepsOf(seed, count)
  const found = await playOnNew(open, steps, onStep)
  if (!found) return undefined
  const shortest = await shrink(open, steps.slice(0, found.at + 1))
  const { message } = shortest.found ?? found
  return [
    `Seed ${seed}, step ${found.at + 1} of ${count}: ${message}`,
    `The shortest sequence found has ${shortest.steps.length} steps:`,
    ...shortest.steps.map((step) => JSON.stringify(step)),
  ].join('\n')
}

async function playOnNew(open: OpenSubject, steps: readonly Step[], onStep?: (at: number) => void): Promise<Contradiction | undefined> {
  return inFolder(async (folder) => {
    const subject = await open(folder)
    try {
      return await play(subject, steps, onStep)
    } finally {
      await subject.close()
    }
  })
}

/** Leaves out whole kinds of steps first, then parts of the sequence from halves to single steps, while the rest still contradicts the model. */
async function shrink(open: OpenSubject, all: readonly Step[]): Promise<{ steps: readonly Step[]; found: Contradiction | undefined }> {
  const end = performance.now() + longestShrinkingMs
  let steps = all
  let found: Contradiction | undefined
  const isStillWrong = async (fewer: readonly Step[]) => {
    if (fewer.length === steps.length || fewer.length === 0 || performance.now() > end) return false
    const again = await playOnNew(open, fewer)
    if (again) [steps, found] = [fewer.slice(0, again.at + 1), again]
    return again !== undefined
  }
  for (const kind of new Set(all.flatMap(kindsOf))) await isStillWrong(steps.filter((step) => !kindsOf(step).includes(kind)))
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length;) {
      if (!(await isStillWrong([...steps.slice(0, from), ...steps.slice(from + size)]))) from += size
    }
  }
  return { steps, found }
}

function kindsOf(step: Step): string[] {
  return [step.in, 'vendor' in step && 'call' in step ? step.vendor : 'control' in step ? step.control : '']
}

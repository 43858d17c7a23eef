/** Outcomes of the sandbox itself. Requests to any vendor can have them beside those that its routes declare. */
export const frameworkOutcomes = [
  'aborted',
  'bug',
  'failed',
  'fault',
  'method-not-allowed',
  'not-found',
  'preflight',
  'stalled',
  'storage-full',
  'too-large',
  'unavailable',
  'unparsable',
  'unrouted',
  'workspace-conflict',
  'workspace-limit',
  'workspace-name',
] as const

/** One of the sandbox's own outcomes. */
export type FrameworkOutcome = (typeof frameworkOutcomes)[number]

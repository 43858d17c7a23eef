/** Wrong usage of the command line: a message, and exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

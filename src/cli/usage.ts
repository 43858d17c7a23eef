import type { Command } from 'commander'

/** Wrong usage of the command line: a message, and exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Ends the help of a command with examples, which a test runs. */
export function withExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`)
}

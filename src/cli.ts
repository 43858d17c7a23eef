import { Command, CommanderError } from 'commander'
import { execCommand } from './cli/exec.js'
import { readyCommand } from './cli/ready.js'
import { seedCommand } from './cli/seed.js'
import { startCommand } from './cli/start.js'
import { UsageError } from './cli/usage-error.js'
import { Problem } from './kernel/problem.js'
import { version } from './version.js'

/** Runs the command line and sets the exit code: 0 done, 1 could not, 2 wrong usage. */
export async function run(args: readonly string[]): Promise<void> {
  const program = new Command('coinslot')
    .description('A local sandbox for the purchase APIs of Teak, Game of Whales, Kakao Games, OUYA and Mbaasy.')
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
  for (const command of [startCommand(), readyCommand(), seedCommand(), execCommand()]) {
    program.addCommand(command.exitOverride(), { isDefault: command.name() === 'start' })
  }
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    process.exitCode = tell(error)
  }
}

function tell(error: unknown): number {
  // Commander has said its own piece already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof UsageError) {
    process.stderr.write(`coinslot: ${error.message}\n`)
    return 2
  }
  if (error instanceof Problem) {
    process.stderr.write(`coinslot: ${error.title} ${error.detail}\n`)
    return 1
  }
  process.stderr.write(`coinslot: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return 1
}

import { Command, CommanderError } from 'commander'
import { caCommand } from './ca.js'
import { clockCommand } from './clock.js'
import { keyCommand, tokenCommand } from './credentials.js'
import { doctorCommand } from './doctor.js'
import { execCommand } from './exec.js'
import { faultCommand } from './fault.js'
import { hostsCommand } from './hosts.js'
import { inspectCommand } from './inspect.js'
import { storeCommand } from './marketplace.js'
import { mintCommand } from './mint.js'
import { guardOutput } from './output.js'
import { readyCommand } from './ready.js'
import { requestsCommand } from './requests.js'
import { rowsCommand } from './rows.js'
import { seedCommand } from './seed.js'
import { sessionCommand } from './session.js'
import { startCommand } from './start.js'
import { resetCommand, snapshotCommand } from './state.js'
import { UsageError, withExamples } from './usage.js'
import { verifyCommand } from './verify.js'
import { webhookCommand } from './webhook.js'
import { workspaceCommand } from './workspace.js'
import { Problem } from '../kernel/problem.js'
import { version } from '../kernel/version.js'

/** Runs the command line and sets the exit code: 0 done, 1 could not, 2 wrong usage. */
export async function run(args: readonly string[]): Promise<void> {
  guardOutput()
  const program = new Command('coinslot')
    .description(
      'A local sandbox for the purchase APIs of Teak, Game of Whales, Kakao Games, OUYA and Mbaasy, and of the stores themselves.',
    )
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .version(version)
    .enablePositionalOptions()
    .addHelpText('after', '\nWithout a command it starts; "coinslot start --help" lists its options.')
    .exitOverride()
    .hook('preAction', (_program, command) => refuseEmpty(command))
  withExamples(program, ['coinslot', 'coinslot mint google_play --send', 'coinslot requests'])
  for (const command of commands()) program.addCommand(withExit(command), { isDefault: command.name() === 'start' })
  try {
    await program.parseAsync([...args], { from: 'user' })
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** @throws UsageError for an empty argument, as a variable of a shell without a value leaves it */
function refuseEmpty({ registeredArguments, args }: Command): void {
  const empty = registeredArguments.find(({ variadic }, at) => !variadic && args[at] === '')
  if (empty) throw new UsageError(`The argument <${empty.name()}> is empty; give a value, or look at the variable that holds it.`)
}

function commands(): Command[] {
  return [
    startCommand(),
    mintCommand(),
    inspectCommand(),
    seedCommand(),
    requestsCommand(),
    verifyCommand(),
    rowsCommand(),
    faultCommand(),
    clockCommand(),
    storeCommand(),
    resetCommand(),
    snapshotCommand(),
    sessionCommand(),
    webhookCommand(),
    workspaceCommand(),
    hostsCommand(),
    caCommand(),
    keyCommand(),
    tokenCommand(),
    doctorCommand(),
    readyCommand(),
    execCommand(),
  ]
}

/** Lets commander throw instead of ending the process and name the command whose help lists the options, in the command and its subcommands. */
function withExit(command: Command, above = 'coinslot'): Command {
  const name = `${above} ${command.name()}`
  for (const below of command.commands) withExit(below, name)
  return command.showHelpAfterError(`"${name} --help" lists the options.`).exitOverride()
}

function report(error: unknown): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof UsageError) {
    process.stderr.write(`coinslot: ${error.message}\n`)
    return 2
  }
  if (error instanceof Problem) {
    process.stderr.write(`coinslot: ${error.message}\n`)
    return wrongUsage.has(error.type) ? 2 : 1
  }
  const isForeseen = error instanceof Error && foreseen.has(error.name)
  process.stderr.write(
    `coinslot: ${isForeseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return 1
}

/** Problems with a value of the command line that is checked later, by the sandbox or once the vendors are loaded. What a file holds is not meant. */
const wrongUsage = new Set(['vendors-option', 'invalid', 'invalid-fault', 'workspace-name', 'snapshot-name'])

/** Errors of a store that cannot open, by name so that --help need not load it; each message says what to do. */
const foreseen = new Set(['DataInUse', 'DamagedStore', 'DataUnusable', 'StoreUnavailable', 'StorageFull'])

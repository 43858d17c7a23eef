import { Command } from 'commander'
import { z } from 'zod'
import type { ClockMove, ClockReading, DueEvent } from '../client/types.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { outputWidth, printResult, wrapText } from './output.js'
import { UsageError, withExamples } from './usage.js'

/** `coinslot clock`: the clock of a workspace. */
export function clockCommand(): Command {
  const clock = new Command('clock')
    .summary('show or move the clock of a workspace')
    .description('show or move the clock of a workspace; what falls due happens first')
  withExamples(clock, ['coinslot clock', 'coinslot clock set 2026-01-31T00:00:00Z', 'coinslot clock advance P1M', 'coinslot clock real'])
  clock.addCommand(
    withExamples(withConnection(new Command('show').description('show the clock')), ['coinslot clock show', 'coinslot clock']).action(
      async (flags: ConnectionFlags) => show(flags, await connect(flags).call('GET', 'clock')),
    ),
    { isDefault: true },
  )
  return clock.addCommand(setCommand()).addCommand(advanceCommand()).addCommand(freezeCommand()).addCommand(realCommand())
}

function setCommand(): Command {
  const command = withConnection(new Command('set').description('set the clock; it runs on from there'))
  withExamples(command, ['coinslot clock set 2026-01-31T00:00:00Z', 'coinslot clock set 2026-01-31 --frozen'])
  return command
    .argument('<time>', 'ISO 8601; UTC where no zone is given')
    .option('--frozen', 'let it stand still')
    .action(async (time: string, { frozen = false, ...flags }: ConnectionFlags & { frozen?: boolean }) => {
      showMove(flags, await connect(flags).call('PUT', 'clock', { now: timeFrom(time), frozen }))
    })
}

function advanceCommand(): Command {
  const command = withConnection(new Command('advance').description('move the clock on; what falls due happens before it returns'))
  withExamples(command, ['coinslot clock advance P1M', 'coinslot clock advance 90s'])
  return command
    .argument('<duration>', 'ISO 8601 (P1M, PT90S), or 500ms, 90s, 5m, 2h, 3d')
    .action(async (duration: string, flags: ConnectionFlags) => {
      showMove(flags, await connect(flags).call('POST', 'clock/advance', spanFrom(duration)), 'nothing fell due')
    })
}

function freezeCommand(): Command {
  const command = withConnection(new Command('freeze').description('let the clock stand still where it is'))
  return withExamples(command, ['coinslot clock freeze', 'coinslot clock freeze --workspace ci-7']).action(
    async (flags: ConnectionFlags) => {
      const client = connect(flags)
      const { now } = await client.call<ClockReading>('GET', 'clock')
      show(flags, await client.call('PUT', 'clock', { now, frozen: true }))
    },
  )
}

function realCommand(): Command {
  const command = withConnection(new Command('real').description('give the clock back to real time'))
  return withExamples(command, ['coinslot clock real', 'coinslot clock real --workspace ci-7']).action(async (flags: ConnectionFlags) => {
    const client = connect(flags)
    await client.call('DELETE', 'clock')
    show(flags, await client.call('GET', 'clock'))
  })
}

function show(flags: ConnectionFlags, clock: ClockReading): void {
  printResult(flags, clock, clockText(clock))
}

/** Shows the clock and, below it, what fell due on the way; if that is nothing, the last argument. */
function showMove(flags: ConnectionFlags, move: ClockMove, nothing?: string): void {
  const { due, dueCount } = move
  const shown = due.slice(0, shownEvents)
  const width = Math.max(0, ...shown.map(({ vendor }) => vendor.length))
  const lines = shown.flatMap((event) => wrapText(eventText(event, width), { width: outputWidth() }))
  const rest = dueCount - shown.reduce((sum, { times }) => sum + times, 0)
  const end = rest > 0 ? `and ${rest} more; --json lists up to 500` : dueCount === 0 ? nothing : undefined
  printResult(flags, move, [clockText(move), ...lines, ...(end === undefined ? [] : [end])].join('\n'))
}

function eventText({ at, vendor, text, times, lastAt }: DueEvent, width: number): string {
  return `${at} ${vendor.padEnd(width)} ${text}${times > 1 ? `; ${times} times until ${lastAt}` : ''}`
}

function clockText({ now, frozen }: ClockReading): string {
  return `${now}${frozen ? ', frozen' : ''}`
}

function timeFrom(text: string): string {
  const form = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i
  const parts = form.exec(text.trim().replace(' ', 'T'))
  const zoned = parts && new Date(parts[0].length === 10 || parts[1] !== undefined ? parts[0] : `${parts[0]}Z`)
  // Date takes 2026-02-30 for a day of March.
  const isDay = parts && z.iso.date().safeParse(parts[0].slice(0, 10)).success
  if (isDay && zoned && !Number.isNaN(zoned.getTime())) return zoned.toISOString()
  throw new UsageError(`Invalid time "${text}"; give one such as 2026-01-31T00:00:00Z or 2026-01-31.`)
}

function spanFrom(text: string): { ms: number } | { duration: string } {
  if (/^P/i.test(text)) return { duration: text.toUpperCase() }
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (!parts) throw new UsageError(`Invalid duration "${text}"; give ISO 8601 such as P1M or PT90S, or 500ms, 90s, 5m, 2h, 3d.`)
  return { ms: Math.round(Number(parts[1]) * unitMs[parts[2] as keyof typeof unitMs]) }
}

const shownEvents = 20
const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

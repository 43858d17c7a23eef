import { Command, Option } from 'commander'
import type { EffectInput, FaultInput, FaultView, MatchInput, ProfileInput } from '../client/types.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { counted, printResult } from './output.js'
import { UsageError, withExamples } from './usage.js'
import { writeAsSent } from '../kernel/json/as-sent.js'

const profiles = ['flaky', 'brownout', 'offline', 'charged-but-lost'] as const

interface AddFlags extends ConnectionFlags {
  profile?: ProfileInput['profile']
  times?: string
  skip?: string
  probability?: string
  after?: boolean
  path?: string
  method?: string
  ms?: string
  bytes?: string
  rate?: string
}

/** `coinslot fault`: injected failures of a running sandbox. */
export function faultCommand(): Command {
  const fault = new Command('fault').description('make vendors of a running sandbox fail on purpose')
  withExamples(fault, ['coinslot fault add kakao service-unavailable --times 2', 'coinslot fault list', 'coinslot fault clear'])
  return fault.addCommand(addCommand()).addCommand(listCommand()).addCommand(clearCommand())
}

function addCommand(): Command {
  const command = withConnection(
    new Command('add').summary('add a fault').description(
      `Adds a fault. EFFECT is a named reply of the vendor, a status such as 503, or one of
  drop      reset the connection        truncate  close it after --bytes
  hang      never answer                garble    break the body
  delay     answer after --ms           drip      send --rate bytes a second`,
    ),
  )
  withExamples(command, [
    'coinslot fault add kakao service-unavailable --times 2',
    'coinslot fault add teak drop --after --path /v2/purchase --times 1',
    'coinslot fault add --profile flaky teak',
  ])
  return command
    .argument('<vendor>', 'vendor that fails')
    .argument('[effect]', 'left out with --profile')
    .addOption(new Option('--profile <name>', 'a ready set of faults').choices(profiles))
    .option('--times <n>', 'apply it this often (default: for ever)')
    .option('--skip <n>', 'let this many requests pass first')
    .option('--probability <p>', 'apply it to this part of the requests, 0 to 1')
    .option('--after', 'let the vendor commit first, then lose or change the answer')
    .option('--path <path>', 'requests on this path; with * at its end a prefix')
    .option('--method <method>', 'requests with this method')
    .option('--ms <n>', 'milliseconds of delay')
    .option('--bytes <n>', 'bytes before truncate closes')
    .option('--rate <n>', 'bytes a second of drip')
    .action(async (vendor: string, effect: string | undefined, flags: AddFlags) => {
      const made = await connect(flags).call<FaultView | { faults: FaultView[] }>('POST', 'faults', faultFrom(vendor, effect, flags))
      const faults = 'faults' in made ? made.faults : [made]
      printResult(flags, made, faults.map(describeFault).join('\n'))
    })
}

function listCommand(): Command {
  const command = withConnection(new Command('list').description('list the faults, in the order in which they are tried'))
  withExamples(command, ['coinslot fault list', 'coinslot fault list --json'])
  return command.action(async (flags: ConnectionFlags) => {
    const list = await connect(flags).call<{ faults: FaultView[] }>('GET', 'faults')
    printResult(flags, list, list.faults.length > 0 ? list.faults.map(describeFault).join('\n') : 'No faults.')
  })
}

function clearCommand(): Command {
  const command = withConnection(new Command('clear').description('remove one fault, or all of them'))
  withExamples(command, ['coinslot fault clear f-1', 'coinslot fault clear'])
  return command.argument('[id]', 'the fault to remove (default: all)').action(async (id: string | undefined, flags: ConnectionFlags) => {
    await connect(flags).call('DELETE', id === undefined ? 'faults' : `faults/${encodeURIComponent(id)}`)
    printResult(flags, { cleared: id ?? 'all' }, id === undefined ? 'All faults are removed.' : `Fault ${id} is removed.`)
  })
}

function faultFrom(vendor: string, effect: string | undefined, flags: AddFlags): FaultInput {
  const match: MatchInput = {
    vendor,
    ...(flags.path !== undefined && { path: flags.path }),
    ...(flags.method !== undefined && { method: flags.method.toUpperCase() }),
  }
  if (flags.profile !== undefined) {
    const extra = (['times', 'skip', 'probability', 'after', 'ms', 'bytes', 'rate'] as const).find((name) => flags[name] !== undefined)
    if (effect !== undefined || extra !== undefined) {
      const what = extra === undefined ? `the effect "${effect}"` : `--${extra}`
      throw new UsageError(`--profile ${flags.profile} is a ready set and takes no other effect; leave out ${what}.`)
    }
    return { profile: flags.profile, match }
  }
  if (effect === undefined) throw new UsageError('Name an effect: a reply of the vendor, a status, drop, hang, delay …, or --profile.')
  return {
    match,
    effect: effectFrom(effect, flags),
    ...(flags.after && { position: 'after' as const }),
    ...(flags.times !== undefined && { times: numberFrom('times', flags.times) }),
    ...(flags.skip !== undefined && { skip: numberFrom('skip', flags.skip) }),
    ...(flags.probability !== undefined && { probability: numberFrom('probability', flags.probability) }),
  }
}

function effectFrom(effect: string, flags: AddFlags): EffectInput {
  for (const [name, kind] of Object.entries(measures)) {
    const isGiven = flags[name as keyof typeof measures] !== undefined
    if (isGiven && effect !== kind) throw new UsageError(`--${name} belongs to ${kind}, not to ${effect}.`)
    if (!isGiven && effect === kind) throw new UsageError(`${kind} needs --${name} N.`)
  }
  switch (effect) {
    case 'drop':
    case 'hang':
    case 'garble':
      return { kind: effect }
    case 'delay':
      return { kind: 'delay', ms: numberFrom('ms', flags.ms ?? '') }
    case 'truncate':
      return { kind: 'truncate', bytes: numberFrom('bytes', flags.bytes ?? '') }
    case 'drip':
      return { kind: 'drip', bytesPerSecond: numberFrom('rate', flags.rate ?? '') }
    default:
      return /^\d{3}$/.test(effect) ? { kind: 'reply', status: Number(effect) } : { kind: 'reply', name: effect }
  }
}

const measures = { ms: 'delay', bytes: 'truncate', rate: 'drip' } as const

function numberFrom(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new UsageError(`--${name}: invalid value "${text}"; give a number.`)
}

/** One line with the effect of a fault, how often it was applied, and whether it still is. */
export function describeFault({ id, profile, match, position, effect, times, skip, probability, hits }: FaultView): string {
  const { vendor = 'every vendor', method, path, ...others } = match
  const where = [vendor, method, path, Object.keys(others).length > 0 ? writeAsSent(others) : undefined].filter(Boolean).join(' ')
  const conditions = [
    position === 'after' ? 'after the vendor committed' : '',
    skip > 0 ? `skips ${counted(skip, 'request')}` : '',
    probability < 1 ? `probability ${probability}` : '',
  ].filter(Boolean)
  const often = times === undefined ? `applied ${counted(hits, 'time')}, no limit` : `applied ${hits} of ${counted(times, 'time')}`
  const state = times !== undefined && hits >= times ? 'used up' : 'armed  '
  const origin = profile === undefined ? '' : ` (profile ${profile})`
  return `${id}  ${state}  ${where}: ${[describeEffect(effect), ...conditions].join(', ')}; ${often}${origin}`
}

function describeEffect(effect: EffectInput): string {
  if (effect.kind === 'reply') return effect.name ?? `status ${effect.status}`
  const { kind, ...values } = effect
  const shown = Object.entries(values).map(([name, value]) => `${name} ${value}`)
  return [kind, ...shown].join(' ')
}

import { createRequire } from 'node:module'
import { Command, CommanderError, Option } from 'commander'
import type * as Jsonc from 'jsonc-parser'
import { z } from 'zod'
import { configSchema, type Config } from '../sandbox/config.js'
import { readTextFileSync } from '../kernel/text-file.js'
import { UsageError } from './usage.js'
import { sentence } from '../kernel/show.js'

/** Places where a setting can stand beside its flag. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  /** The settings file, read when it is there. */
  file: string
  /** Defaults of a command that differ from those of the schema. */
  defaults?: Partial<Config>
  /** Receives a sentence for each value that is ignored. */
  note?: (message: string) => void
}

/** Settings whose flags a command has: those in `only`, or all but those in `except`. */
export interface ChosenSettings {
  only?: readonly (keyof Config)[]
  except?: readonly (keyof Config)[]
}

/** Adds flags of `start` to a command; those that are rarely needed are shown by `--help-all` alone. */
export function withSettings(command: Command, { only, except = [] }: ChosenSettings = {}): Command {
  const apart: Option[] = []
  for (const setting of settings) {
    const isNamed = (keys: readonly string[]) => keys.includes(setting.key)
    if ((only && !isNamed(only)) || isNamed(except)) continue
    const option = optionOf(setting)
    command.addOption(option)
    // Commander reports a negatable flag as given with true although it was not given, and it would win over the other places.
    if (setting.isOnByDefault) command.setOptionValueWithSource(setting.key, undefined, 'default')
    if (setting.group === undefined) continue
    option.helpGroup(`${setting.group}:`).hideHelp()
    apart.push(option)
  }
  return apart.length > 0 ? withHelpAll(command, apart) : command
}

function withHelpAll(command: Command, apart: readonly Option[]): Command {
  return command.option('--help-all', 'display help with limits and rarely needed options').on('option:help-all', () => {
    for (const option of apart) option.hideHelp(false)
    command.outputHelp()
    throw new CommanderError(0, 'commander.help', 'help')
  })
}

/**
 * Puts settings together: flag before environment before file before default.
 *
 * @throws UsageError naming the place and the value when one is wrong
 */
export function readSettings(
  flags: Readonly<Record<string, unknown>>,
  { env, file, defaults = {}, note = () => {} }: Surroundings,
): Config {
  const given: Record<string, unknown> = { ...defaults }
  const from: Record<string, string> = {}
  const take = (key: string, value: unknown, place: string) => {
    given[key] = value
    from[key] = place
  }
  for (const [name, value] of Object.entries(readFile(file))) {
    const found = named(name)
    if (!found) throw new UsageError(`${file} has an unknown key "${name}"; coinslot start --help-all lists the options.`)
    take(found.setting.key, fromFile(found.setting, found.inverted, value), `"${name}" in ${file}`)
  }
  for (const setting of settings) {
    const variable = variableOf(setting)
    const text = env[variable]
    if (text !== undefined && isServiceLink(setting, text)) {
      note(`${variable}=${text} is ignored: Kubernetes sets it for a Service of this name, and it is not a port.`)
      continue
    }
    if (text !== undefined && text !== '') take(setting.key, fromText(setting, text, variable), variable)
  }
  for (const setting of settings) {
    if (flags[setting.key] === undefined) continue
    take(setting.key, setting.kind === 'number' ? numberOf(flags[setting.key] as string) : flags[setting.key], flagOf(setting))
  }
  const parsed = configSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map(({ path, message }) => {
    const key = String(path[0])
    return `${from[key] ?? key}: invalid value ${JSON.stringify(given[key])}. ${sentence(message)}`
  })
  throw new UsageError(lines.join('\n'))
}

/** Kubernetes gives every container `COINSLOT_PORT=tcp://10.96.12.7:4010` where a Service is named coinslot. */
function isServiceLink({ key }: Setting, text: string): boolean {
  return (key === 'port' || key === 'dnsPort') && /^(?:tcp|udp):\/\//i.test(text)
}

const require = createRequire(import.meta.url)

interface Setting {
  key: string
  kind: 'text' | 'number' | 'boolean' | 'list'
  /** On unless turned off, so that its flag says `no-`. */
  isOnByDefault: boolean
  help: string
  /** Name of the value in the help. */
  value: string
  /** Heading in `--help-all`; what has one is not in `--help`. */
  group: string | undefined
  shownDefault: unknown
}

const defaults = configSchema.parse({})

const settings: readonly Setting[] = Object.entries(configSchema.shape).map(([key, schema]) => {
  const inner = bare(schema)
  const shownDefault = defaults[key as keyof Config]
  return {
    key,
    kind: kindOf(inner),
    isOnByDefault: shownDefault === true,
    help: schema.description ?? '',
    value: (schema.meta()?.['value'] as string | undefined) ?? 'n',
    group: schema.meta()?.['group'] as string | undefined,
    shownDefault,
  }
})

function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) return bare(schema.unwrap() as z.ZodType)
  return schema
}

function kindOf(schema: z.ZodType): Setting['kind'] {
  if (schema instanceof z.ZodBoolean) return 'boolean'
  if (schema instanceof z.ZodArray) return 'list'
  return schema instanceof z.ZodNumber ? 'number' : 'text'
}

function optionOf(setting: Setting): Option {
  const { kind, value, shownDefault } = setting
  const isShown = typeof shownDefault === 'number' || typeof shownDefault === 'string'
  const shown = isShown ? ` (default: ${shownDefault})` : ''
  const placeholder = kind === 'boolean' ? '' : ` <${value}>`
  const option = new Option(flagOf(setting) + placeholder, setting.help + shown)
  option.attributeName = () => setting.key
  if (kind === 'list') option.argParser((text: string, earlier: string[] | undefined) => [...(earlier ?? []), ...listOf(setting, text)])
  return option
}

/** `--vendors` takes its list at once, the others are repeated. */
function listOf(setting: Setting, text: string): string[] {
  return setting.key === 'vendors' ? splitList(text) : [text]
}

function flagOf({ key, isOnByDefault }: Setting): string {
  return `--${isOnByDefault ? 'no-' : ''}${kebab(key)}`
}

function variableOf({ key, isOnByDefault }: Setting): string {
  return `COINSLOT_${isOnByDefault ? 'NO_' : ''}${kebab(key).toUpperCase().replaceAll('-', '_')}`
}

function named(name: string): { setting: Setting; inverted: boolean } | undefined {
  const plain = settings.find(({ key }) => key === name || kebab(key) === name)
  if (plain) return { setting: plain, inverted: false }
  const negated = settings.find(
    ({ key, isOnByDefault }) => isOnByDefault && (`no-${kebab(key)}` === name || camel(`no-${kebab(key)}`) === name),
  )
  return negated && { setting: negated, inverted: true }
}

function fromText({ kind, isOnByDefault }: Setting, text: string, variable: string): unknown {
  switch (kind) {
    case 'number':
      return numberOf(text)
    case 'list':
      return splitList(text)
    case 'boolean': {
      const value = { '1': true, true: true, yes: true, on: true, '0': false, false: false, no: false, off: false }[text.toLowerCase()]
      if (value === undefined) throw new UsageError(`${variable}: invalid value ${JSON.stringify(text)}; use 1 or 0.`)
      return isOnByDefault ? !value : value
    }
    default:
      return text
  }
}

/** A list of one may stand as it is; what is of a wrong kind goes on to the schema, which names it. */
function fromFile({ kind }: Setting, inverted: boolean, value: unknown): unknown {
  if (kind === 'list' && typeof value === 'string') return splitList(value)
  return inverted && typeof value === 'boolean' ? !value : value
}

/** A number, or the text itself so that the schema can name it. */
function numberOf(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function readFile(file: string): Record<string, unknown> {
  let text: string
  try {
    text = readTextFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new UsageError(`${file} cannot be read: ${sentence((error as Error).message)} Fix the file or its permissions, or move it.`)
  }
  const { parse, printParseErrorCode, visit } = require('jsonc-parser') as typeof Jsonc
  const faults: Jsonc.ParseError[] = []
  const value: unknown = parse(text, faults, { allowTrailingComma: true })
  const [fault] = faults
  if (fault) {
    const before = text.slice(0, fault.offset).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    throw new UsageError(`${file} is not JSON: ${printParseErrorCode(fault.error)} at ${place}. Fix it, or move the file.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file} must hold one JSON object, such as {"port": 4011}.`)
  const names = new Set<string>()
  visit(text, {
    onObjectProperty(name, _offset, _length, line, column, pathOf) {
      if (pathOf().length > 0) return
      if (names.has(name))
        throw new UsageError(`${file} has "${name}" a second time at line ${line + 1}, column ${column + 1}. Keep one of them.`)
      names.add(name)
    },
  })
  const { $schema: _editor, ...members } = value as Record<string, unknown>
  return members
}

function kebab(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function camel(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase())
}

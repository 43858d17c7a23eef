import type { TrafficEntry } from '../client/types.js'
import { counted, outputWidth, withoutControls, wrapText, type Colors } from './output.js'
import { writeAsSent } from '../kernel/json/as-sent.js'

/** Color of an entry by its verdict: Game of Whales refuses a receipt with status 200, and a fault can answer 200 as well. */
export function entryColor({ verdict }: Pick<TrafficEntry, 'verdict'>): 'green' | 'yellow' | 'red' {
  return verdictColors[verdict]
}

const verdictColors = { accepted: 'green', repeated: 'green', pending: 'yellow', refused: 'yellow', failed: 'red' } as const

/** Lays out one entry: a line of facts, a line of explanation, then its warnings; wrapped to the terminal, nothing is cut. */
export function entryText(entry: TrafficEntry, colors: Colors, width: number | undefined = outputWidth()): string {
  const { id, at, vendor, method, path, status, outcome, verdict, explanation, warnings, fault } = entry
  const color = colors[entryColor(entry)]
  const shownStatus = status === null ? 'no answer' : String(status)
  const struck = fault ? ` [fault ${fault.id}: ${fault.kind} ${fault.position}]` : ''
  // Many outcomes have a verdict's name: "repeated" is not said twice.
  const decided = outcome === verdict ? outcome : `${outcome} (${verdict})`
  const facts = `${id} ${at.slice(11, 19)} ${vendor ?? '-'} ${method} ${path} ${shownStatus} ${decided}${struck}`
  const [first = '', ...others] = wrapText(facts, { width })
  return [
    color(first),
    ...others.map((line) => color(`${indent}${line}`.slice(0, width))),
    ...wrapText(explanation, { width, indent }),
    ...warnings.flatMap((warning) => wrapText(`warning: ${warning}`, { width, indent }).map((line) => colors.yellow(line))),
  ].join('\n')
}

/** Lays out one entry whole: facts and explanation, expected values, then the request, the reply and the rows that changed. */
export function wholeEntryText(entry: TrafficEntry, colors: Colors): string {
  const { at, workspace, verdict, method, url, headers, body, status, replyHeaders, replyBody, rows, durationMs } = entry
  const sections = [
    entryText(entry, colors),
    `${at}, workspace ${workspace}, ${durationMs} ms, verdict ${verdict}`,
    ...(entry.expected.length === 0 ? [] : [expectedLines(entry, colors).join('\n')]),
    [colors.bold(`${method} ${withoutControls(url)}`), ...headerLines(headers), ...bodyLines(body)].join('\n'),
    status === null
      ? colors.bold('no answer')
      : [colors.bold(`answered ${status}`), ...headerLines(replyHeaders), ...bodyLines(replyBody)].join('\n'),
    rows.length === 0
      ? 'no rows changed'
      : [colors.bold(`${counted(rows.length, 'row')} changed`), ...rows.map(({ table, key, change }) => `${change} ${table} ${key}`)].join(
          '\n',
        ),
  ]
  return sections.join('\n\n')
}

const indent = '        '

/** Each refused member of the request, with the value that was sent and the one that would be accepted. */
function expectedLines({ expected }: TrafficEntry, colors: Colors): string[] {
  const shown = (value: unknown) => withoutControls(value === undefined ? '(absent)' : writeAsSent(value))
  return [
    colors.bold('expected'),
    ...expected.flatMap((one) => [
      withoutControls(one.pointer || '/'),
      `  - expected ${shown(one.expected)}`,
      `  + got      ${shown(one.got)}`,
    ]),
  ]
}

function headerLines(headers: TrafficEntry['headers']): string[] {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => withoutControls(`${name}: ${value}`)))
}

/** The text of a body, JSON laid out, and what was inside of an encrypted one. */
export function bodyLines({ text, parsed }: { text: string; parsed: unknown }): string[] {
  if (text === '') return []
  const laidOut = parsed === null || parsed === undefined ? undefined : writeAsSent(parsed, 2)
  return ['', ...(laidOut ?? text).split('\n').map(withoutControls)]
}

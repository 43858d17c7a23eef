import type { TrafficEntry } from '../client/types.js'
import { counted, outputWidth, withoutControls, wrapText, type Colors } from './output.js'

/** Colors that tell how a request went. */
export type StatusColor = 'green' | 'yellow' | 'red'

/** The color of an entry; the only place that decides it. */
export function entryColor({ status }: Pick<TrafficEntry, 'status'>): StatusColor {
  return statusColor(status)
}

/** The color of a status; null is a request that got no answer. */
export function statusColor(status: number | null): StatusColor {
  if (status === null || status >= 500) return 'red'
  return status >= 400 ? 'yellow' : 'green'
}

/** Lays out one entry: a line of facts, a line of explanation, then its warnings; wrapped to the terminal, nothing is cut. */
export function entryText(entry: TrafficEntry, colors: Colors, width: number | undefined = outputWidth()): string {
  const { id, at, vendor, method, path, status, outcome, explanation, warnings, fault } = entry
  const color = colors[entryColor(entry)]
  const shownStatus = status === null ? 'no answer' : String(status)
  const struck = fault ? ` [fault ${fault.id}: ${fault.kind} ${fault.position}]` : ''
  const facts = `${id} ${at.slice(11, 19)} ${vendor ?? '-'} ${method} ${path} ${shownStatus} ${outcome}${struck}`
  const [first = '', ...others] = wrapText(facts, { width })
  return [
    color(first),
    ...others.map((line) => color(`${indent}${line}`.slice(0, width))),
    ...wrapText(explanation, { width, indent }),
    ...warnings.flatMap((warning) => wrapText(`warning: ${warning}`, { width, indent }).map((line) => colors.yellow(line))),
  ].join('\n')
}

/** Lays out one entry whole: facts and explanation, then the request, the reply and the rows that changed. */
export function wholeEntryText(entry: TrafficEntry, colors: Colors): string {
  const { at, workspace, method, url, headers, body, status, replyHeaders, replyBody, rows, durationMs } = entry
  const sections = [
    entryText(entry, colors),
    `${at}, workspace ${workspace}, ${durationMs} ms`,
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

function headerLines(headers: TrafficEntry['headers']): string[] {
  return Object.entries(headers).flatMap(([name, values]) => [values].flat().map((value) => withoutControls(`${name}: ${value}`)))
}

/** The text of a body, JSON laid out, and what was inside of an encrypted one. */
export function bodyLines({ text, parsed }: { text: string; parsed: unknown }): string[] {
  if (text === '') return []
  const laidOut = parsed === null || parsed === undefined ? undefined : JSON.stringify(parsed, null, 2)
  return ['', ...(laidOut ?? text).split('\n').map(withoutControls)]
}

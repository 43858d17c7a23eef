import type { NamedReply, Route, Vendor } from '../contract.js'
import type { EvidenceLevel } from '../kernel/evidence.js'
import { statusesOf } from '../kernel/outcome.js'
import type { Table } from '../kernel/table.js'
import { fieldsOf } from './fields.js'

/** Number of seeded rows by the table's full name (`teak.players`). */
export type SeededRows = ReadonlyMap<string, number>

/** Meaning of each level of evidence, as the documents explain it. */
export const evidenceMeaning: Readonly<Record<EvidenceLevel, string>> = {
  documented: "written in the vendor's own documentation",
  sdk: "read in the vendor's own client code",
  recorded: 'seen in recorded traffic',
  community: 'told by people who ran against the service',
  inferred: 'our choice where everything is silent',
}

/** Everything there is to know of one modelled vendor as a Markdown page, made from its slice alone. */
export function vendorPage(vendor: Vendor, seeded: SeededRows): string {
  const { id, title, baseUrls, hosts, ports, routes, replies, notModelled = [], control = [] } = vendor
  return lines(
    `# ${title}`,
    `Prefix \`/${id}\`, host names ${codes(hosts)}, ports ${ports.join(', ')}. Documented base URL: ${codes(baseUrls)}.`,
    ...section('What is not modelled', list(notModelled)),
    ...section('Calls', callTable(routes)),
    ...routes.flatMap(routeSection),
    ...section('Replies that a fault can ask for', replyTable(replies)),
    ...section('Tables and seeds', tableSections(vendor, seeded)),
    ...section(
      'Control calls of its own',
      list(control.map(({ method, path, summary }) => `\`${method} /_sandbox/vendors/${id}${path}\`: ${summary}`)),
    ),
  )
}

/** A Markdown table; cells may hold anything but are kept on one line. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

/** Texts as code, with commas between them. */
export function codes(texts: readonly string[]): string {
  return texts.map((text) => `\`${text}\``).join(', ')
}

/** Texts as a Markdown list. */
export function list(texts: readonly string[]): string {
  return texts.map((text) => `- ${text}`).join('\n')
}

/** Anchor of a heading, made as code hosts make it: `POST /v2/purchase` becomes `post-v2purchase`. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}

function callTable(routes: readonly Route[]): string {
  const rows = routes.map(({ method, path, summary, evidence }) => {
    const heading = `${method} ${path}`
    return [`[\`${heading}\`](#${anchorOf(heading)})`, summary, evidence.level]
  })
  return markdownTable(['call', 'what it does', 'evidence'], rows)
}

function routeSection(route: Route): string[] {
  const { method, path, hosts, summary, evidence, request = {}, outcomes, responses = {} } = route
  const shapes = [
    ['Headers', request.headers],
    ['Query', request.query],
    [request.form && request.form === request.json ? 'Body, JSON or form' : 'Body, JSON', request.json],
    ['Body, form', request.form === request.json ? undefined : request.form],
  ] as const
  const every = new Set([...Object.keys(responses).map(Number), ...Object.values(outcomes).flatMap(statusesOf)])
  const statuses = [...every].toSorted((a, b) => a - b)
  return [
    `### ${method} ${path}`,
    `${summary}. Evidence: **${evidence.level}** (${evidenceMeaning[evidence.level]}); ${evidence.source}.`,
    ...(hosts ? [`Of the vendor's own hosts ${codes(hosts)} ${hosts.length === 1 ? 'serves' : 'serve'} it.`] : []),
    ...shapes.flatMap(([heading, shape]) => (shape ? [`${heading}:`, fieldTable(shape)] : [])),
    ...exampleOf(request),
    markdownTable(
      ['status', 'when', 'outcomes'],
      statuses.map((status) => [String(status), responses[status]?.description ?? '', codes(outcomesOf(route, status))]),
    ),
    ...(evidence.gaps.length === 0 ? [] : ['Known gaps:', list(evidence.gaps)]),
  ]
}

function exampleOf({ example, needs }: NonNullable<Route['request']>): string[] {
  const isEmpty = typeof example !== 'object' || example === null || Object.keys(example).length === 0
  const shown = isEmpty ? [] : ['Example:', `\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\``]
  return needs === undefined ? shown : [...shown, `Needs first: ${needs}`]
}

function outcomesOf({ outcomes }: Route, status: number): string[] {
  return Object.entries(outcomes).flatMap(([name, outcome]) => (statusesOf(outcome).includes(status) ? [name] : []))
}

function fieldTable(shape: Parameters<typeof fieldsOf>[0]): string {
  const fields = fieldsOf(shape)
  if (fields.length === 0) return 'Any fields; none is checked.'
  return markdownTable(
    ['field', 'type', 'required', 'meaning'],
    fields.map(({ name, type, isRequired, meaning }) => [`\`${name}\``, type, isRequired ? 'yes' : '', meaning]),
  )
}

function replyTable(replies: Readonly<Record<string, NamedReply>>): string {
  return markdownTable(
    ['name', 'status', 'when the real service says so'],
    Object.entries(replies).map(([name, { status, summary }]) => [`\`${name}\``, String(status), summary]),
  )
}

function tableSections({ id, tables }: Vendor, seeded: SeededRows): string {
  return lines(
    ...Object.entries(tables).flatMap(([name, table]) => tableSection(`${id}.${name}`, table, seeded.get(`${id}.${name}`) ?? 0)),
  ).trimEnd()
}

function tableSection(name: string, { schema, key }: Table, rows: number): string[] {
  const isKey = (field: string) => key.includes(field)
  const fields = fieldsOf(schema).map(({ name: field, type, isRequired, meaning }) => [
    isKey(field) ? `**\`${field}\`**` : `\`${field}\``,
    type,
    isRequired ? 'yes' : '',
    meaning,
  ])
  const start = rows === 0 ? 'Empty in the default seed.' : `${rows} ${rows === 1 ? 'row' : 'rows'} in the default seed.`
  return [`### ${name}`, `Key: ${codes(key)}. ${start}`, markdownTable(['field', 'type', 'required', 'meaning'], fields)]
}

function section(heading: string, content: string): string[] {
  return content === '' ? [] : [`## ${heading}`, content]
}

function lines(...blocks: string[]): string {
  return `${blocks.join('\n\n')}\n`
}

/** Angle brackets outside of code would be read as markup. */
function cell(text: string): string {
  const parts = text
    .replaceAll('|', '\\|')
    .replaceAll(/(?<!\s)\s*\n\s*/g, ' ')
    .split('`')
  return parts.map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part)).join('`')
}

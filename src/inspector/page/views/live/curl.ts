import type { Entry } from '../../shapes.js'

/** A line that sends the same request to this sandbox again, ready for a POSIX shell. */
export function curlOf({ method, url, headers, body, workspace }: Entry): string {
  const here = window.location
  const target = url.startsWith('/') ? here.origin + url : url
  const sent = Object.entries(headers).filter(([name, value]) => !leftOut.has(name) && !(name === 'host' && value === here.host))
  const isNamed = workspace === 'default' || url.startsWith(`/@${workspace}/`) || 'x-sandbox-workspace' in headers
  const all = [
    ...sent.flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const)),
    ...(isNamed ? [] : [['x-sandbox-workspace', workspace] as const]),
  ]
  const options = [
    '-i',
    ...(method === 'GET' || (method === 'POST' && body.text !== '') ? [] : [`-X ${method}`]),
    quoted(target),
    // A colon alone would take the header away; a semicolon sends it empty.
    ...all.map(([name, value]) => `-H ${quoted(value === '' ? `${name};` : `${name}: ${value}`)}`),
  ]
  if (body.text === '') return `curl ${options.join(' ')}`
  if (body.encoding !== 'base64') return `curl ${options.join(' ')} --data-raw ${quoted(body.text)}`
  return `printf %s ${quoted(body.text)} | base64 -d | curl ${options.join(' ')} --data-binary @-`
}

/** Quotes a string as one word of a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

const leftOut = new Set(['content-length', 'connection', 'transfer-encoding', 'accept-encoding'])

/** A request to write as a line. */
interface CurlRequest {
  headers: Readonly<Record<string, string>>
  body?: string
}

/** Returns a line that works when pasted into a POSIX shell. */
export function posixCurlLine(url: string, { headers, body }: CurlRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `-H ${posixQuoted(`${name}: ${value}`)}`)
  return ['curl -i', posixQuoted(url), ...lines, ...(body === undefined ? [] : ['--data-raw', posixQuoted(body)])].join(' ')
}

/**
 * Returns a line that works when pasted into cmd.exe, and in PowerShell behind `curl.exe --%`. It has double quotes alone. cmd takes an escaped
 * quote for the end of a string and would act on `&` behind it, so JSON has such characters as `\u0026`.
 */
export function windowsCurlLine(url: string, { headers, body }: CurlRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `-H ${windowsQuoted(`${name}: ${value}`)}`)
  const data = body === undefined ? [] : ['--data-raw', windowsQuoted(/^\s*[[{]/.test(body) ? inAscii(body) : body)]
  return ['curl.exe -i', windowsQuoted(url), ...lines, ...data].join(' ')
}

/** Remarks on lines for Windows. */
export function windowsCurlNote(lines: readonly string[]): string {
  const isTooLong = lines.some((line) => line.length > longestCmdLine)
  const length = isTooLong ? ` This is too long for cmd, which takes ${longestCmdLine} characters a line; use PowerShell.` : ''
  return `In PowerShell, write curl.exe --% in place of curl.exe. With --send in place of --as curl, coinslot sends the request itself.${length}`
}

const longestCmdLine = 8191

/** Quotes a word for a POSIX shell. */
export function posixQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** Quotes as the C runtime of Windows reads it: backslashes count before a quote alone. */
function windowsQuoted(text: string): string {
  return `"${text.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`
}

/** Replaces what cmd acts on, and what a code page may change, in the strings of a JSON text; elsewhere JSON has no such characters. */
function inAscii(json: string): string {
  return json.replaceAll(/[&|<>^%!\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

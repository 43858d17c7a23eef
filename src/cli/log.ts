import pc from 'picocolors'
import type { Config } from '../config.js'
import type { Exchange } from '../traffic/traffic.js'
import { lineWriter } from './line-writer.js'

/** What a running sandbox says: the address on standard output, everything else on standard error. */
export interface Log {
  listening(url: string, details: Listening): void
  exchange(exchange: Exchange): void
  warn(message: string): void
}

/** What a start tells beside its address. */
export interface Listening {
  vendors: readonly string[]
  /** The data directory, null when nothing is kept. */
  data: string | null
  /** The main port answers TLS as well. */
  tls: boolean
  /** Documented ports that could be opened; each answers TLS and plain HTTP. */
  nativePorts: readonly number[]
  /** Where vendor names are answered over DNS, null when they are not. */
  dnsPort: number | null
}

/** The log of a form; without one, pretty on a terminal and JSON lines elsewhere. */
export function logOf(form: Config['log']): Log {
  switch (form ?? (process.stderr.isTTY ? 'pretty' : 'json')) {
    case 'pretty':
      return prettyLog
    case 'silent':
      return silentLog
    case 'json':
      // The address stays one plain line unless JSON was asked for by name, so that scripts find it either way.
      return form === 'json' ? jsonLog : unaskedJsonLog
  }
}

const out = (text: string) => void process.stdout.write(`${text}\n`)
const err = lineWriter(process.stderr)

const prettyLog: Log = {
  listening(url, { vendors, data, tls, nativePorts, dnsPort }) {
    out(`coinslot listening on ${url}`)
    err(`  vendors    ${vendors.map((id) => `${url}/${id}`).join('  ')}`)
    err(`  inspector  ${url}/_sandbox/`)
    if (tls) err(`  tls        ${url.replace('http:', 'https:')} too`)
    if (nativePorts.length > 0) err(`  as real    https on ports ${nativePorts.join(', ')}, plain HTTP as well; names: coinslot hosts`)
    if (dnsPort !== null) err(`  dns        vendor names, UDP port ${dnsPort}`)
    if (tls || nativePorts.length > 0) err('  trust      coinslot ca --install-hint …')
    err(`  data       ${data ?? 'kept in memory only'}`)
    err('  stop       Ctrl-C')
  },
  exchange({ id, vendor, head, path, reply, outcome, durationMs }) {
    const status = reply?.status ?? 0
    const paint = status === 0 || status >= 500 ? pc.red : status >= 400 ? pc.yellow : pc.green
    err(
      `${pc.dim(id.padEnd(7))} ${head.method.padEnd(6)} ${vendor ?? '-'} ${path} ${paint(status === 0 ? 'no answer' : String(status))} ${outcome} ${pc.dim(`${durationMs.toFixed(1)} ms`)}`,
    )
  },
  warn: (message) => err(`${pc.yellow('note')} ${message}`),
}

const jsonLog: Log = {
  listening: (url, details) => out(JSON.stringify({ event: 'listening', url, ...details })),
  exchange: ({ id, at, workspace, vendor, route, head, path, reply, outcome, durationMs }) =>
    err(
      JSON.stringify({
        event: 'request',
        id,
        at: new Date(at).toISOString(),
        workspace,
        vendor,
        route,
        method: head.method,
        path,
        status: reply?.status ?? null,
        outcome,
        durationMs: Math.round(durationMs * 1000) / 1000,
      }),
    ),
  warn: (message) => err(JSON.stringify({ event: 'note', message })),
}

const unaskedJsonLog: Log = {
  ...jsonLog,
  listening(url, details) {
    silentLog.listening(url, details)
    err(JSON.stringify({ event: 'listening', url, ...details }))
  },
}

const silentLog: Log = {
  listening: (url) => out(`coinslot listening on ${url}`),
  exchange: () => {},
  warn: (message) => err(message),
}

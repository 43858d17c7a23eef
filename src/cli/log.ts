import type { Config } from '../sandbox/config.js'
import type { Entry } from '../traffic/traffic.js'
import { entryColor } from './entry-text.js'
import { colorsFor, counted, print, withoutControls, type Colors } from './output.js'
import { setImmediate } from '../kernel/timers.js'

/** Log of a running sandbox: the address on standard output, everything else on standard error. */
export interface Log {
  listening(url: string, details: Listening): void
  entry(entry: Entry): void
  warn(message: string): void
}

/** Facts about a start, beside its address. */
export interface Listening {
  vendors: readonly string[]
  /** The data directory, null when nothing is kept. */
  data: string | null
  /** The main port answers TLS as well. */
  tls: boolean
  /** Documented ports that are open; each answers TLS and plain HTTP. */
  nativePorts: readonly number[]
  /** Where vendor names are answered over DNS, null when they are not. */
  dnsPort: number | null
  /** Commands that a new user can try, one a vendor; shown to people alone. */
  tries?: readonly string[]
}

/** Returns the log of a form; without one, pretty on a terminal and JSON lines elsewhere. */
export function logOf(form: Config['log']): Log {
  const colors = colorsFor(process.stderr)
  switch (form ?? (process.stderr.isTTY ? 'pretty' : 'json')) {
    case 'pretty':
      return prettyLog(lineWriter(process.stderr, { droppedLine: droppedText }), colors)
    case 'silent':
      return silentLog(lineWriter(process.stderr, { droppedLine: droppedText }))
    case 'json': {
      const err = lineWriter(process.stderr, {
        droppedLine: (lines) => JSON.stringify({ event: 'dropped', lines, message: droppedText(lines) }),
      })
      // The address stays one plain line unless JSON was asked for by name, so that scripts find it either way.
      return form === 'json' ? jsonLog(err) : unaskedJsonLog(err)
    }
  }
}

type Write = (line: string) => void

function droppedText(count: number): string {
  return `${counted(count, 'log line')} dropped, because standard error was not read`
}

function prettyLog(err: Write, colors: Colors): Log {
  return {
    listening(url, { vendors, data, tls, nativePorts, dnsPort, tries = [] }) {
      print(`coinslot listening on ${url}`)
      err(`  vendors    ${vendors.map((id) => `${url}/${id}`).join('\n             ')}`)
      err(`  inspector  ${url}/_sandbox/`)
      if (tls) err(`  tls        ${url.replace('http:', 'https:')} too`)
      if (nativePorts.length > 0) err(`  as real    https on ports ${nativePorts.join(', ')}, plain HTTP as well; names: coinslot hosts`)
      if (dnsPort !== null) err(`  dns        vendor names, UDP port ${dnsPort}`)
      if (tls || nativePorts.length > 0) err('  trust      coinslot ca --install-hint …')
      err(`  data       ${data ?? 'kept in memory only'}`)
      err('  stop       Ctrl-C')
      if (tries.length > 0) err(`Try, in another terminal:\n${tries.map((line) => `  ${line}`).join('\n')}`)
    },
    entry({ id, vendor, head, path, reply, outcome, verdict, durationMs }) {
      const status = reply?.status ?? null
      const shown = colors[entryColor({ verdict })](status === null ? 'no answer' : String(status))
      const time = colors.dim(`${durationMs.toFixed(1)} ms`)
      err(`${colors.dim(id.padEnd(7))} ${head.method.padEnd(6)} ${vendor ?? '-'} ${withoutControls(path)} ${shown} ${outcome} ${time}`)
    },
    warn: (message) => err(`${colors.yellow('note')} ${message}`),
  }
}

function jsonLog(err: Write): Log {
  return {
    listening: (url, details) => print(listeningEvent(url, details)),
    entry: ({ id, at, workspace, vendor, route, head, path, reply, outcome, verdict, durationMs }) =>
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
          verdict,
          durationMs: Math.round(durationMs * 1000) / 1000,
        }),
      ),
    warn: (message) => err(JSON.stringify({ event: 'note', message })),
  }
}

function unaskedJsonLog(err: Write): Log {
  return {
    ...jsonLog(err),
    listening(url, details) {
      print(`coinslot listening on ${url}`)
      err(listeningEvent(url, details))
    },
  }
}

/** Lines to try are for people, so that they are left out. */
function listeningEvent(url: string, { tries: _tries, ...details }: Listening): string {
  return JSON.stringify({ event: 'listening', url, ...details })
}

function silentLog(err: Write): Log {
  return {
    listening: (url) => print(`coinslot listening on ${url}`),
    entry: () => {},
    warn: err,
  }
}

/** Stream that a line writer writes to. */
export type LineStream = Pick<NodeJS.WriteStream, 'write' | 'writableLength' | 'destroyed' | 'on'>

/** Options of a line writer. */
export interface LineWriterOptions {
  /** Characters that may wait for a reader before lines are dropped. */
  bound?: number
  /** The line that says how many were dropped. */
  droppedLine?: (count: number) => string
  /** Registers the last flush. */
  onExit?: (flush: () => void) => void
}

/**
 * Returns a function that writes lines to a stream. Lines of one turn of the event loop leave in one write, because a busy server's log
 * costs a system call a line otherwise. Lines are dropped and counted while the reader does not read.
 */
export function lineWriter(stream: LineStream, options: LineWriterOptions = {}): (text: string) => void {
  const { bound = 1_048_576, droppedLine = (count) => `${count} log lines were dropped`, onExit = flushAtExit } = options
  let waiting: string[] = []
  let dropped = 0
  const flush = () => {
    const lines = waiting
    waiting = []
    if (lines.length === 0 || stream.destroyed) return
    if (stream.writableLength > bound) {
      dropped += lines.length
      return
    }
    if (dropped > 0) lines.unshift(droppedLine(dropped))
    dropped = 0
    stream.write(`${lines.join('\n')}\n`)
  }
  const reportDropped = () => {
    if (dropped === 0 || stream.destroyed) return
    const line = droppedLine(dropped)
    dropped = 0
    stream.write(`${line}\n`)
  }
  let isWatched = false
  return (text) => {
    if (waiting.length === 0) setImmediate(flush)
    waiting.push(text)
    if (isWatched) return
    isWatched = true
    stream.on('drain', reportDropped)
    onExit(flush)
  }
}

function flushAtExit(flush: () => void): void {
  process.once('exit', flush)
}

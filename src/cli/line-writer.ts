/** What a line writer writes to. */
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

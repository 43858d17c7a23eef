/** Writes lines to a stream: all that come in one turn of the event loop in one write, as a busy server's log costs a system call a line otherwise. */
export function lineWriter(
  stream: Pick<NodeJS.WriteStream, 'write'>,
  onExit: (flush: () => void) => void = flushAtExit,
): (text: string) => void {
  let waiting = ''
  const flush = () => {
    const text = waiting
    waiting = ''
    if (text !== '') stream.write(text)
  }
  let isWatched = false
  return (text) => {
    if (waiting === '') setImmediate(flush)
    waiting += `${text}\n`
    if (isWatched) return
    isWatched = true
    onExit(flush)
  }
}

function flushAtExit(flush: () => void): void {
  process.once('exit', flush)
}

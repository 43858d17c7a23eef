import type { Socket } from 'node:net'
import { Problem } from '../../kernel/problem.js'

/** Writes a problem on a bare connection and closes it. */
export function endWith(problem: Problem, socket: Socket): void {
  const body = JSON.stringify(problem)
  socket.on('error', () => {})
  // What the client still sends is read off, as a connection closed over unread bytes is reset and the answer lost with it.
  socket.resume()
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title.replace(/\.$/, '')}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}

/** A head over the limit. */
export function headTooLarge(limitBytes: number): Problem {
  return new Problem(
    431,
    'headers-too-large',
    'Request Header Fields Too Large.',
    `The request line and headers are over the limit of ${limitBytes} bytes; raise --header-limit.`,
  )
}

/** A path and query longer than this, where no vendor has words for it. */
export function uriTooLong(bytes: number): Problem {
  return new Problem(
    414,
    'uri-too-long',
    'URI Too Long.',
    `Path and query are longer than ${bytes} bytes; send less, or raise --url-limit.`,
  )
}

/** A request that did not arrive whole within so many milliseconds. */
export function requestTooSlow(limitMs: number): Problem {
  return new Problem(
    408,
    'request-timeout',
    'Request Timeout.',
    `The request did not arrive whole within ${limitMs} ms; send it sooner, or raise --request-timeout.`,
  )
}

/** How long a client may take to read a refusal and close. */
const lingerMs = 2_000

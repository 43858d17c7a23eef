import type { Socket } from 'node:net'
import { BadRequest, HeadersTooLarge, MethodNotAllowed, type Problem, RequestTimeout, UriTooLong } from '../../kernel/problem.js'
import type { ConnectionLimits } from './server.js'
import { clearTimeout, setTimeout } from '../../kernel/timers.js'

/** Writes a problem on a bare connection and closes it. */
export function endWith(problem: Problem, socket: Socket): void {
  const body = JSON.stringify(problem)
  socket.on('error', () => {})
  // The rest of the request is read and dropped, because closing a connection with unread bytes resets it and loses the answer.
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
  return new HeadersTooLarge({
    type: 'headers-too-large',
    title: 'Request Header Fields Too Large.',
    detail: `The request line and headers are over the limit of ${limitBytes} bytes; raise --header-limit.`,
  })
}

/** A path and query over the limit, in a request that matches no vendor. */
export function uriTooLong(bytes: number): Problem {
  return new UriTooLong({
    type: 'uri-too-long',
    title: 'URI Too Long.',
    detail: `Path and query are longer than ${bytes} bytes; send less, or raise --url-limit.`,
  })
}

/** A request that did not arrive within the time limit. */
export function requestTooSlow(limitMs: number): Problem {
  return new RequestTimeout({
    type: 'request-timeout',
    title: 'Request Timeout.',
    detail: `The request did not arrive whole within ${limitMs} ms; send it sooner, or raise --request-timeout.`,
  })
}

/** CONNECT, which asks for a proxy. */
export function connectRefused(target: string): Problem {
  return new MethodNotAllowed({
    type: 'no-proxy',
    title: 'CONNECT is not supported.',
    detail: `The sandbox is not a proxy and does not serve CONNECT ${target}; point the client at the sandbox's address.`,
  })
}

/** The answer to a request that Node's HTTP parser refused. */
export function parserRefusal(
  error: NodeJS.ErrnoException & { rawPacket?: Buffer },
  { headerBytes, requestMs }: Pick<ConnectionLimits, 'headerBytes' | 'requestMs'>,
): Problem {
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    // The parser counts the request line as part of the head; a request line that is too long is the URL's fault.
    const lineEnd = error.rawPacket?.indexOf('\n') ?? 0
    const isUrl = lineEnd < 0 || lineEnd > headerBytes
    return isUrl ? uriTooLong(headerBytes) : headTooLarge(headerBytes)
  }
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return requestTooSlow(requestMs)
  const other = error.rawPacket && otherProtocol(error.rawPacket)
  return new BadRequest({
    type: 'not-http',
    title: 'Bad Request.',
    detail: other ?? `This is not an HTTP request that can be read: ${error.message}.`,
  })
}

/** Names the protocol of bytes that are not HTTP/1, and what to do about it; undefined if it is not known. */
function otherProtocol(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1', 0, 24)
  const [first, second = 0] = bytes
  if (first === 0x16 && second === 3) return 'This is TLS on a port without TLS; start with --tls, or use http://.'
  if (text.startsWith('PRI * HTTP/2.0')) return 'This is HTTP/2 without TLS; use HTTP/1.1, or start with --tls and use https://.'
  // Version, then a command (4) or a number of methods (5).
  if ((first === 4 || first === 5) && second > 0 && second < 10) {
    return `This is SOCKS${first}, but the sandbox is not a proxy; turn the client's proxy setting off and point it at the sandbox's address.`
  }
  if (text.startsWith('PROXY ') || text.startsWith('\r\n\r\n\0\r\nQUIT\n')) {
    return 'This is the PROXY protocol; turn it off in the load balancer in front of the sandbox, and send plain HTTP.'
  }
  return undefined
}

/** Time that a client has to read a refusal and close. */
const lingerMs = 2_000

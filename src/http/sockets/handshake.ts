import { BadRequest, type Problem, type ProblemDocument } from '../../kernel/problem.js'
import { performance } from '../../kernel/timers.js'

/** A TLS handshake that failed: the error of Node, and the server name that the client sent. */
export interface FailedHandshake {
  error: NodeJS.ErrnoException
  serverName: string | undefined
}

/** Returns why a handshake failed and what to do. No reply can be sent, so it is seen in the traffic alone. */
export function handshakeProblem({ error, serverName }: FailedHandshake): Problem {
  const place = serverName ?? 'a host that is not known'
  return new BadRequest({
    type: handshakeOutcome,
    title: 'TLS handshake failed.',
    detail: `TLS handshake failed: ${reasonOf(error, place)}`,
  })
}

/** Outcome of an entry about a failed handshake. */
export const handshakeOutcome = 'tls-handshake'

/** True for a problem of `handshakeProblem`. */
export function isHandshakeProblem({ type }: ProblemDocument): boolean {
  return type.endsWith(`:${handshakeOutcome}`)
}

function reasonOf({ code = '', message }: NodeJS.ErrnoException, place: string): string {
  if (distrust.test(code)) {
    return `the client does not trust the certificate for ${place}. "coinslot ca" prints the authority that the client has to trust, "coinslot ca --install-hint" says how.`
  }
  if (/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|VERSION_TOO_LOW/.test(code)) {
    return `the client for ${place} offers no version of TLS from 1.2 on; let it use TLS 1.2 or 1.3.`
  }
  if (code === 'ECONNRESET') {
    return `the client closed the connection to ${place} in the middle of it. Some clients do so if they do not trust the certificate: "coinslot ca" prints the authority.`
  }
  const sentence = /:([^:]+):(?:[^:]*:\d+:.*)?$/s.exec(message)?.[1] ?? message
  return `the connection to ${place} was refused (${sentence.trim() || code}).`
}

/** Alerts by which clients refuse a certificate. */
const distrust =
  /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/

/**
 * Returns a function that is true for the first failed handshake of a minute with the same server name and reason. A client that tries
 * again and again would push all other traffic out.
 */
export function onceAMinute(now: () => number = () => performance.now()): (failed: FailedHandshake) => boolean {
  const recorded = new Map<string, number>()
  return ({ error, serverName }) => {
    const key = `${serverName ?? ''} ${error.code ?? ''}`
    const before = recorded.get(key)
    if (before !== undefined && now() - before < minuteMs) return false
    recorded.delete(key)
    recorded.set(key, now())
    if (recorded.size > mostRemembered) recorded.delete(recorded.keys().next().value!)
    return true
  }
}

const minuteMs = 60_000
const mostRemembered = 100

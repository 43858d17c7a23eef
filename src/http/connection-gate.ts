import type { Socket } from 'node:net'
import { Problem } from '../kernel/problem.js'
import { endWith } from './refusal.js'

/** Counts the connections of all ports of a sandbox. */
export interface ConnectionGate {
  /** Lets a connection in; one over the limit gets a problem instead of being left unanswered. */
  admit(socket: Socket): boolean
}

/** A gate for at most this many connections at once. */
export function connectionGate(most: number): ConnectionGate {
  let open = 0
  return {
    admit(socket) {
      if (open < most) {
        open++
        socket.once('close', () => open--)
        return true
      }
      const detail = `More than ${most} are open; close some or raise --connection-limit.`
      // Said in plain HTTP on a TLS port too: a handshake would cost what the limit is there to save.
      endWith(new Problem(503, 'too-many-connections', 'Too many connections.', detail), socket)
      return false
    },
  }
}

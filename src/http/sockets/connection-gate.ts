import type { Socket } from 'node:net'
import { Problem } from '../../kernel/problem.js'
import { roomForConnections } from './open-files.js'
import { endWith } from './refusals.js'

/** Counts the connections of all ports of a sandbox. */
export interface ConnectionGate {
  /** Lets a connection in; one over the limit gets a problem instead of being left unanswered. */
  admit(socket: Socket): boolean
}

/** A gate for at most `limit` connections at once, and for fewer where the system grants too few open files for that many. */
export function connectionGate(limit: number, openFiles = Infinity): ConnectionGate {
  const room = roomForConnections(openFiles)
  const most = Math.min(limit, room)
  const way = room < limit ? `let the system grant more than ${openFiles} open files (ulimit -n)` : 'raise --connection-limit'
  const problem = new Problem(503, 'too-many-connections', 'Too many connections.', `More than ${most} are open; close some or ${way}.`)
  let open = 0
  let refusing = 0
  return {
    admit(socket) {
      if (open < most) {
        open++
        socket.once('close', () => open--)
        return true
      }
      // Those that read their refusal take open files as well, so a crowd of them is turned away without a word.
      if (refusing >= mostRefused) {
        socket.destroy()
        return false
      }
      refusing++
      socket.once('close', () => refusing--)
      // Said in plain HTTP on a TLS port too: a handshake would cost what the limit is there to save.
      endWith(problem, socket)
      return false
    },
  }
}

const mostRefused = 32

import { Conflict, InvalidInput, type Problem } from '../../kernel/problem.js'
import type { ClaimRow } from '../tables.js'

/** A port that is listened on for a workspace. */
export interface ClaimedPort {
  port: number
  /** Stops accepting, and lets running requests finish within a time in real milliseconds. */
  close(graceMs: number): Promise<void>
}

/** Listens on a port (0: any that is free) for a workspace. Rejects with the system's error. */
export type OpenPort = (port: number, workspace: string) => Promise<ClaimedPort>

/** Open ports of workspaces. The function that opens a port is passed to `begin`, because a sandbox in process has no ports. */
export class ClaimedPorts {
  readonly #open = new Map<number, { workspace: string; port: ClaimedPort }>()
  readonly #closing = new Set<Promise<void>>()
  #openPort: OpenPort | undefined

  /** Starts to serve ports: opens those that were claimed before, and returns a sentence for each that could not be opened. */
  async begin(openPort: OpenPort, claims: Iterable<ClaimRow>): Promise<string[]> {
    this.#openPort = openPort
    const failures: string[] = []
    for (const { workspace, ports } of claims) {
      for (const port of ports) {
        await this.open(port, workspace).catch((error: unknown) => failures.push(`Workspace ${workspace}: ${(error as Error).message}`))
      }
    }
    return failures
  }

  isOpen(port: number, workspace: string): boolean {
    return this.#open.get(port)?.workspace === workspace
  }

  /** Opens a port for a workspace, 0 for any. @throws Problem 409 if it is in use or this sandbox has no ports, 422 if the system refuses it */
  async open(port: number, workspace: string): Promise<number> {
    if (!this.#openPort) {
      throw new Conflict({
        type: 'no-ports',
        title: 'Ports not supported.',
        detail: 'This sandbox runs in process and listens on no port. Use a header, a path or a credential.',
      })
    }
    try {
      const opened = await this.#openPort(port, workspace)
      this.#open.set(opened.port, { workspace, port: opened })
      return opened.port
    } catch (error) {
      throw portProblem(port, error as NodeJS.ErrnoException)
    }
  }

  /** Closes a port. Running requests on it, including the one that closes it, finish first. */
  close(port: number): void {
    const open = this.#open.get(port)
    if (!open) return
    this.#open.delete(port)
    const closing: Promise<void> = open.port.close(graceMs).finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }

  /** Closes all ports and waits until they are. */
  async end(): Promise<void> {
    this.#openPort = undefined
    for (const port of this.#open.keys()) this.close(port)
    await Promise.allSettled(this.#closing)
  }
}

/** Real milliseconds that running requests on a closing port may take. */
const graceMs = 8_000

function portProblem(port: number, error: NodeJS.ErrnoException): Problem {
  const errors = [{ path: '/port', message: error.message }]
  if (error.code === 'EADDRINUSE') {
    return new Conflict({
      type: 'port-taken',
      title: 'Port in use.',
      detail: `Something else listens on port ${port}; take another, or 0 for any.`,
      errors,
    })
  }
  return new InvalidInput({
    type: 'port-refused',
    title: 'Port cannot be opened.',
    detail: `Port ${port}: ${error.message}. Take one above 1023, or 0 for any.`,
    errors,
  })
}

import { Conflict, InvalidInput, type Problem } from '../../kernel/problem.js'
import type { ClaimRow } from '../tables.js'

/** A port that is listened on for a workspace. */
export interface ClaimedPort {
  port: number
  /** Stops accepting and lets what runs finish within a time in real milliseconds. */
  close(graceMs: number): Promise<void>
}

/** Listens on a port (0: any that is free) for a workspace. Rejects with the system's error. */
export type OpenPort = (port: number, workspace: string) => Promise<ClaimedPort>

/** The extra ports of workspaces. Listening itself is handed in, as a sandbox in process has no ports at all. */
export class ClaimedPorts {
  readonly #open = new Map<number, { workspace: string; port: ClaimedPort }>()
  readonly #closing = new Set<Promise<void>>()
  #openPort: OpenPort | undefined

  /** From now on ports can be opened; those claimed before are. Answers what could not be, one sentence each. */
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

  /** Opens a port for a workspace, 0 for any. @throws Problem 409 when it is taken or this sandbox has no ports, 422 when it may not be opened */
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

  /** Closes a port; what runs on it, the call that asked for this included, finishes first. */
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

/** Real milliseconds that what runs on a closing port may take. */
const graceMs = 10_000

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

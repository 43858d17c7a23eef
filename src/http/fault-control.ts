import type { Vendor } from '../contract.js'
import type { Outgoing } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'
import type { LiveCall } from './call.js'

/** Decides whether a fault applies to a call. Asked only in workspaces that have faults. */
export interface FaultControl {
  choose(vendor: Vendor, call: LiveCall): Promise<AppliedFault | undefined>
}

/** A fault that applies to one call. */
export interface AppliedFault {
  note: { id: string; position: 'before' | 'after'; kind: string }
  /** What is answered in the vendor's place, or undefined when the vendor shall see the request (perhaps later). */
  before(): Promise<Outgoing | undefined>
  /** What becomes of the vendor's answer. */
  after(reply: Reply): Promise<Outgoing>
}

import type { Call, ExpectedMember, Explanation, Route } from '../contract.js'
import type { Reply } from '../kernel/reply.js'
import type { LocatedRequest } from '../kernel/request.js'
import type { Keyring } from '../receipts/keyring.js'
import { WorkspaceScope, type VendorParts } from '../workspace/scope.js'
import type { Setting, Workspace } from '../workspace/workspace.js'
import { none, nothing } from './new-entry.js'

/** In characters; a sentence with a client's values in it could be as long as its body. */
const longestSentence = 2_000

/** One request that is being answered, with what its traffic entry will say. */
export class LiveCall extends WorkspaceScope implements Call {
  outcome = ''
  explanation = ''
  warnings: readonly string[] = none
  expected: readonly ExpectedMember[] = none
  revealed: { request?: unknown; reply?: unknown } = nothing
  /** The route that answered, set by the vendor's app. */
  route: Route | undefined
  /** The vendor's answer, set by the vendor's app. */
  reply: Reply | undefined

  constructor(
    readonly id: string,
    readonly request: LocatedRequest,
    parts: VendorParts,
    space: Workspace,
    setting: Setting,
    keys: Keyring,
  ) {
    super(parts, space, setting, keys)
  }

  explain(outcome: string, sentence: string, { warnings = none, expected = none }: Explanation = {}): void {
    this.outcome = outcome
    this.explanation = sentence.length > longestSentence ? `${sentence.slice(0, longestSentence)}…` : sentence
    this.warnings = warnings
    this.expected = expected
  }

  reveal(parsed: { request?: unknown; reply?: unknown }): void {
    this.revealed = { ...this.revealed, ...parsed }
  }
}

/**
 * Result of a Hono handler whose answer is on the call or already on the socket. Hono only checks that there is a result. A real Response
 * would load Node's fetch, which takes longer than the rest of the start.
 */
export const handled = Object.freeze({ headers: undefined }) as unknown as Response

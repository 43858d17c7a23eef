import type { Call } from '../contract.js'
import type { Keyring } from '../receipts/keyring.js'
import { WorkspaceScope, type VendorParts } from '../workspace/scope.js'
import type { Setting, Workspace } from '../workspace/workspace.js'
import { none, nothing } from './exchange.js'
import type { LocatedRequest } from './request.js'

/** In characters; a sentence with a client's values in it could be as long as its body. */
const longestSentence = 2_000

/** One request being answered, with what will be told of it. */
export class LiveCall extends WorkspaceScope implements Call {
  outcome = ''
  explanation = ''
  warnings: readonly string[] = none
  revealed: { request?: unknown; reply?: unknown } = nothing

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

  explain(outcome: string, sentence: string, warnings: readonly string[] = none): void {
    this.outcome = outcome
    this.explanation = sentence.length > longestSentence ? `${sentence.slice(0, longestSentence)}…` : sentence
    this.warnings = warnings
  }

  reveal(parsed: { request?: unknown; reply?: unknown }): void {
    this.revealed = { ...this.revealed, ...parsed }
  }
}

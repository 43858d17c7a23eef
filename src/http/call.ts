import type { Call, ExpectedMember, Explanation, Route } from '../contract.js'
import { fieldsWithPlus, mediaTypeOf } from '../kernel/body.js'
import { withWorkspace } from '../kernel/command-lines.js'
import { pointer } from '../kernel/problem.js'
import type { Reply } from '../kernel/reply.js'
import type { LocatedRequest } from '../kernel/request.js'
import type { Keyring } from '../receipts/keyring.js'
import type { Entry } from '../traffic/traffic.js'
import type { Match } from './vendor-app.js'
import { WorkspaceScope, type VendorParts } from '../workspace/scope.js'
import type { Setting, Workspace } from '../workspace/workspace.js'

/** In characters; a sentence with a client's values in it could be as long as its body. */
const longestSentence = 2_000

/** Parts of a workspace scope around a request. */
export interface CallParts {
  parts: VendorParts
  space: Workspace
  setting: Setting
  keys: Keyring
  now: Date
}

/** One request that is being answered. Its explanation goes straight into its traffic entry. */
export class LiveCall extends WorkspaceScope implements Call {
  /** The route that answers, undefined if there is none. */
  route: Route | undefined
  /** The vendor's answer, set by the vendor's app. */
  reply: Reply | undefined

  constructor(
    readonly entry: Entry,
    readonly request: LocatedRequest,
    { parts, space, setting, keys, now }: CallParts,
    match: Match | undefined,
  ) {
    super(parts, space, setting, keys, now)
    this.route = match?.route
    if (match) request.params = match.params
  }

  override reachable(store: string): boolean {
    const reachable = super.reachable(store)
    this.entry.asked = [...this.entry.asked, { store, reachable }]
    return reachable
  }

  get id(): string {
    return this.entry.id
  }

  get outcome(): string {
    return this.entry.outcome
  }

  get explanation(): string {
    return this.entry.explanation
  }

  get warnings(): readonly string[] {
    return this.entry.warnings
  }

  explain(outcome: string, sentence: string, { warnings = none, expected = none }: Explanation = nothing): void {
    const { entry } = this
    entry.outcome = outcome
    const { workspace } = this
    const text = withWorkspace(sentence + plusAdvice(sentence, this.request, expected), workspace)
    entry.explanation = text.length > longestSentence ? `${text.slice(0, longestSentence)}…` : text
    entry.warnings = warnings.length === 0 ? none : warnings.map((warning) => withWorkspace(warning, workspace))
    entry.expected = expected.length === 0 ? none : expected.map((member) => expectedIn(member, workspace))
  }

  reveal(parsed: { request?: unknown; reply?: unknown }): void {
    this.entry.revealed = { ...this.entry.revealed, ...parsed }
  }
}

/**
 * A sentence for a member at fault that was sent with a "+" in a form or a query, where it means a blank. Empty unless the value with its
 * "+" is the one that is expected, or one of {@link hasPlus}: other blanks were meant.
 */
function plusAdvice(sentence: string, request: LocatedRequest, expected: readonly ExpectedMember[]): string {
  if (expected.length === 0 || sentence.includes('%2B')) return ''
  const isForm = mediaTypeOf(request.header('content-type')) === 'application/x-www-form-urlencoded'
  const sent = new Map([
    ...fieldsWithPlus(request.rawQuery).map(([name, value]) => [pointer(['query', name]), value] as const),
    ...fieldsWithPlus(isForm ? Buffer.from(request.body).toString('latin1') : '').map(
      ([name, value]) => [pointer(['body', name]), value] as const,
    ),
  ])
  const isLost = expected.some((member) => {
    const value = sent.get(member.pointer)
    return value !== undefined && (value === member.expected || hasPlus.some((form) => form.test(value)))
  })
  return isLost ? ' A "+" means a blank there; send a "+" as %2B.' : ''
}

/** Forms of values that hold a "+": a signed number, a time with a zone, an e-mail address, and Base64 that is not a row of words. */
const hasPlus = [
  /^\+[\d.]+$/,
  /^\d{4}-\d{2}-\d{2}.\d{2}:\d{2}\S*\+\d{2}(:?\d{2})?$/,
  /^[\w.+-]+@[\w.-]+$/,
  /^(?=.*\d)(?=(?:.{4})+$)[A-Za-z\d+/]{14,}={0,2}$/,
]

/** An accepted value is often a sentence, which may name a command. */
function expectedIn(member: ExpectedMember, workspace: string): ExpectedMember {
  const { expected } = member
  return typeof expected === 'string' ? { ...member, expected: withWorkspace(expected, workspace) } : member
}

/**
 * Result of a Hono handler whose answer is on the call or already on the socket. Hono only checks that there is a result. A real Response
 * would load Node's fetch, which takes longer than the rest of the start.
 */
export const handled = Object.freeze({ headers: undefined }) as unknown as Response

const none: readonly (string & ExpectedMember)[] = Object.freeze([])
const nothing: Explanation = Object.freeze({})

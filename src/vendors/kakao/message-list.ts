import { show } from '../../kernel/show.js'
import { mistyped, unknownPlayer, type Asked, type Db, type Decision, type Refusal } from './decision.js'
import { packetOf, stateOf } from './message-packet.js'
import { unknownBox } from './messages.js'
import { checkParameters, longOf, stringOf, type Parameter } from './parameters.js'
import { indexKey } from './tables.js'

/** Returns a page of a player's box, newest first. `nextPageKey` is the `deliverySeq` below which the next page begins, -1 at the end. */
export async function listMessages(db: Db, { app, playerId, body, now }: Asked): Promise<Decision> {
  const invalid = checkParameters(body, listParameters) ?? checkStates(body['states']) ?? (await unknownPlayer(db, app, playerId))
  if (invalid) return invalid
  const messageBoxId = stringOf(body['messageBoxId']) ?? ''
  const count = longOf(body['count']) ?? 0n
  if (count < 1n) return mistyped('count', body['count'], `a number from 1 to ${longestPage}`)
  const refused = await unknownBox(db, app.appId, { messageBoxId })
  if (refused) return refused

  const states = statesOf(body['states'])
  const before = longOf(body['nextPageKey'])
  const inBox = await db.messages.where('inbox', indexKey(app.appId, playerId, messageBoxId))
  const wanted = inBox.filter((message) => states.includes(stateOf(message, now))).toSorted((a, b) => b.deliverySeq - a.deliverySeq)
  const rest = before === undefined ? wanted : wanted.filter((message) => BigInt(message.deliverySeq) < before)
  const page = rest.slice(0, count > longestPage ? longestPage : Number(count))
  const last = page.at(-1)
  const warnings = count > longestPage ? [`count is ${count}; a page has at most ${longestPage} messages.`] : []
  return {
    kind: 'done',
    outcome: 'listed',
    sentence: `${page.length} of ${wanted.length} messages of player ${playerId} in box ${messageBoxId} that are ${states.map(show).join(' or ')}.`,
    warnings,
    reply: {
      nextPageKey: last !== undefined && page.length < rest.length ? last.deliverySeq : -1,
      messages: page.map((message) => packetOf(message, now)),
      totalCount: wanted.length,
      maxCount: boxCapacity,
    },
  }
}

function checkStates(states: unknown): Refusal | undefined {
  if (!Array.isArray(states)) return undefined
  const other = (states as unknown[]).findIndex((state) => typeof state !== 'string')
  return other < 0 ? undefined : mistyped(`states[${other}]`, (states as unknown[])[other], 'a string')
}

function statesOf(states: unknown): readonly string[] {
  return Array.isArray(states) && states.length > 0 ? states.map(String) : ['unread', 'read']
}

const longestPage = 100
/** The value of the vendor's later example. */
const boxCapacity = 1_000_000

/** The parameters of a page. */
export const listParameters: readonly Parameter[] = [
  { name: 'messageBoxId', type: 'String', mandatory: true },
  { name: 'count', type: 'Long', mandatory: true, description: 'At most 100' },
  { name: 'nextPageKey', type: 'Long', description: 'From the page before; absent: the first page' },
  {
    name: 'states',
    type: 'List',
    entries: 'String',
    description: 'unread, read, error, deleted, expired; absent: unread and read',
  },
]

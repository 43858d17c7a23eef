import { withLiterals } from '../../kernel/json/as-sent.js'
import { mistyped, type Refusal } from './decision.js'
import { checkParameters, longOf, mapOf, rowLong, stringOf, type Parameter } from './parameters.js'
import type { Item, Message } from './tables.js'

/** Checks the body of a message to send; nested parameters are named by their path: `message.messageBoxId`, `items[0].itemCode`. */
export function checkContent(body: Readonly<Record<string, unknown>>): Refusal | undefined {
  const refused = checkParameters(body, sendParameters)
  if (refused) return refused
  const content = mapOf(body['message']) ?? {}
  return checkParameters(content, messageParameters, 'message.') ?? checkMessageId(content) ?? checkItems(itemsOf(body))
}

/** The attached items as sent. */
export function itemsOf(body: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Array.isArray(body['items']) ? body['items'] : []
}

/** Title, body and maps of a message. */
export function contentOf(
  content: Readonly<Record<string, unknown>>,
): Pick<Message, 'title' | 'body' | 'titleMap' | 'bodyMap' | 'resourceMap'> {
  const kept: Pick<Message, 'title' | 'body' | 'titleMap' | 'bodyMap' | 'resourceMap'> = {}
  for (const name of ['title', 'body'] as const) {
    const text = stringOf(content[name])
    if (text !== undefined) kept[name] = text
  }
  for (const name of ['titleMap', 'bodyMap', 'resourceMap'] as const) {
    const map = mapOf(content[name])
    if (map) kept[name] = withLiterals(map) as Record<string, unknown>
  }
  return kept
}

/** A new item of a message. */
export function newItem(entry: unknown, itemId: string): Item {
  const { itemCode, quantity, validityTime } = mapOf(entry) ?? {}
  return {
    itemId,
    itemCode: stringOf(itemCode) ?? '',
    quantity: rowLong(longOf(quantity) ?? 0n),
    validityTime: rowLong(longOf(validityTime) ?? forEver),
    sentCount: 0,
    sentTime: null,
    confirmedTime: null,
  }
}

function checkMessageId(content: Readonly<Record<string, unknown>>): Refusal | undefined {
  const messageId = stringOf(content['messageId'])
  if (messageId === undefined || messageId.length <= longestMessageId) return undefined
  return mistyped('message.messageId', messageId, `a string of at most ${longestMessageId} characters (this one has ${messageId.length})`)
}

function checkItems(entries: readonly unknown[]): Refusal | undefined {
  for (const [at, entry] of entries.entries()) {
    const item = mapOf(entry)
    const refused = item ? checkParameters(item, itemParameters, `items[${at}].`) : mistyped(`items[${at}]`, entry, 'an object')
    if (refused) return refused
  }
  return undefined
}

const longestMessageId = 64
const forEver = -1n

const messageParameters: readonly Parameter[] = [
  { name: 'messageBoxId', type: 'String', mandatory: true },
  { name: 'messageId', type: 'String', longest: longestMessageId, description: 'A second message with the same id is not sent' },
  { name: 'title', type: 'String' },
  { name: 'body', type: 'String' },
  { name: 'titleMap', type: 'Map' },
  { name: 'bodyMap', type: 'Map' },
  { name: 'resourceMap', type: 'Map' },
  { name: 'expiryTime', type: 'Long', description: 'Unix milliseconds' },
]

const itemParameters: readonly Parameter[] = [
  { name: 'itemCode', type: 'String', mandatory: true },
  { name: 'quantity', type: 'Long', mandatory: true },
  { name: 'validityTime', type: 'Long' },
]

/** The parameters of a message with its items. */
export const sendParameters: readonly Parameter[] = [
  { name: 'receiverId', type: 'String', mandatory: true },
  { name: 'message', type: 'Map', mandatory: true, members: messageParameters },
  { name: 'items', type: 'List', members: itemParameters },
]

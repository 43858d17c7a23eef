import { gotValue } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { keyFrom } from '../../../kernel/table.js'
import { refuse, type ApiCall, type ApiHandler, type ApiRefusal } from '../api-route.js'
import { readObject } from '../api/body.js'
import { beginning, readRevision, writeRevision } from '../api/revision.js'
import { findChain } from '../chains/open.js'
import { inTransaction } from '../chains/scope.js'
import type { ApiErrorCode } from '../errors.js'
import type { StoredNotification } from '../tables.js'
import { withAttempts } from './attempts.js'
import { isNotificationType } from './types.js'

const pageLength = 20
const longestBackMs = 180 * 86_400_000
const kind = 'notifications'

/** Handles `POST /inApps/v1/notifications/history`. */
export const notificationHistory: ApiHandler = async (api) => {
  const { call, app, environment } = api
  const body = readObject(call.request, 4000015)
  if (!body.ok) return body.refusal
  const filter = readFilter(api, body.value)
  if ('code' in filter) return filter
  const token = call.request.query.get('paginationToken') || undefined
  const after = token === undefined ? beginning : readRevision(kind, token)
  if (!after) {
    return refuse(4000014, `paginationToken is ${show(token)}.`, [
      { pointer: '/query/paginationToken', got: gotValue(token), expected: 'the paginationToken of an earlier page' },
    ])
  }
  const { transactionId } = filter
  const result = await inTransaction(call, async (tx) => {
    const known = transactionId === undefined ? undefined : await findChain(tx, transactionId, api)
    if (known && 'missing' in known) {
      return refuse(4040010, `Transaction ${transactionId} ${known.missing}.`, [
        { pointer: '/body/transactionId', got: transactionId, expected: `a transaction id of ${app.bundleId} in ${environment}` },
      ])
    }
    const all = await tx.db.notifications.where('byBundle', keyFrom([app.bundleId, environment]))
    const kept = all.filter((row) => {
      if (row.version !== 2 || row.type === 'TEST' || !filter.keeps(row)) return false
      return known === undefined || row.originalTransactionId === known.row.token
    })
    // Rows come in the order of writing, which is that of notifications of the same time.
    const sorted = kept.toSorted((a, b) => a.at.localeCompare(b.at))
    const last = sorted.findIndex(({ notificationUUID }) => notificationUUID === after.id)
    const rest = last < 0 ? sorted.filter(({ at }) => at > after.at) : sorted.slice(last + 1)
    const attempted = []
    for (const row of rest) {
      const item = await withAttempts(tx, row)
      const isFailure = !item.sendAttempts.some(({ sendAttemptResult }) => sendAttemptResult === 'SUCCESS')
      if (filter.onlyFailures && !isFailure) continue
      attempted.push({ row, item })
      if (attempted.length > pageLength) break
    }
    return attempted
  })
  if ('code' in result) return result
  const page = result.slice(0, pageLength)
  const hasMore = result.length > pageLength
  const last = page.at(-1)
  return {
    outcome: 'found',
    sentence: `${page.length} notifications of ${app.bundleId} in ${environment} are on this page${hasMore ? ', and there are more' : ''}.`,
    body: {
      ...(hasMore && last && { paginationToken: writeRevision(kind, { at: last.row.at, id: last.row.notificationUUID }) }),
      hasMore,
      notificationHistory: page.map(({ item }) => item),
    },
  }
}

interface Filter {
  transactionId: string | undefined
  onlyFailures: boolean
  keeps(row: StoredNotification): boolean
}

/** Reads the body; the first member that is invalid refuses it. */
function readFilter({ call }: ApiCall, body: Readonly<Record<string, unknown>>): Filter | ApiRefusal {
  const { startDate, endDate, transactionId, notificationType: type, notificationSubtype: subtype, onlyFailures } = body
  const invalid = (code: ApiErrorCode, name: string, expected: string): ApiRefusal => {
    return refuse(code, `${name} is ${show(body[name])}.`, [{ pointer: `/body/${name}`, got: gotValue(body[name]), expected }])
  }
  if (!isMs(startDate)) return invalid(4000015, 'startDate', 'Unix milliseconds')
  if (!isMs(endDate)) return invalid(4000016, 'endDate', 'Unix milliseconds')
  const earliest = call.now.getTime() - longestBackMs
  if (startDate < earliest) return invalid(4000012, 'startDate', `${earliest} or later, within 180 days`)
  if (endDate <= startDate) return invalid(4000013, 'endDate', `later than ${startDate}`)
  if (type !== undefined && transactionId !== undefined) {
    return refuse(4000019, 'The body has both transactionId and notificationType.', [
      { pointer: '/body/notificationType', got: gotValue(type), expected: 'absent if there is a transactionId' },
    ])
  }
  if (transactionId !== undefined && (typeof transactionId !== 'string' || !/^\d{1,64}$/.test(transactionId))) {
    return invalid(4000006, 'transactionId', 'up to 64 digits')
  }
  if (subtype !== undefined && type === undefined) return invalid(4000018, 'notificationSubtype', 'absent without a notificationType')
  if (type !== undefined && !isNotificationType(type, undefined)) return invalid(4000018, 'notificationType', 'a type of Apple')
  if (type !== undefined && !isNotificationType(type, subtype)) {
    return invalid(4000018, 'notificationSubtype', `a subtype of ${show(type)}, or absent`)
  }
  if (typeof (onlyFailures ?? false) !== 'boolean') return invalid(4000000, 'onlyFailures', 'true or false, without quotation marks')
  return {
    transactionId,
    onlyFailures: onlyFailures === true,
    keeps: (row) => {
      const at = new Date(row.at).getTime()
      return (
        at >= startDate && at < endDate && (type === undefined || row.type === type) && (subtype === undefined || row.subtype === subtype)
      )
    },
  }
}

function isMs(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e15
}

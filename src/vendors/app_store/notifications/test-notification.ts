import { gotValue } from '../../../kernel/expected-member.js'
import { refuse, type ApiHandler } from '../api-route.js'
import { inTransaction } from '../chains/scope.js'
import { withAttempts } from './attempts.js'
import { appOf, sendVersion2 } from './notify.js'

/** Handles `POST /inApps/v1/notifications/test`. */
export const requestTest: ApiHandler = async ({ call, app, environment }) => {
  const member = environment === 'Production' ? 'notificationUrl' : 'sandboxNotificationUrl'
  const url = app[member]
  if (url === undefined) {
    return refuse(4040007, `${app.bundleId} has no ${member} in app_store.apps, the address for the environment ${environment}.`)
  }
  const testNotificationToken = `${call.ids.uuid()}_${call.now.getTime()}`
  await inTransaction(call, async (tx) => {
    sendVersion2(tx, { app, environment, testNotificationToken }, { notificationType: 'TEST', data: appOf(app, environment) })
  })
  return { outcome: 'requested', sentence: `A TEST notification goes to ${url}.`, body: { testNotificationToken } }
}

const tokenForm = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}_\d{1,15}$/i
const longestAgeMs = 183 * 86_400_000

/** Handles `GET /inApps/v1/notifications/test/{testNotificationToken}`. */
export const testStatus: ApiHandler = async ({ call, app, environment }) => {
  const token = call.request.params['testNotificationToken'] ?? ''
  if (!tokenForm.test(token)) {
    return refuse(4000020, `The token in the path is ${JSON.stringify(token.slice(0, 80))}.`, [
      { pointer: '/path', got: gotValue(token), expected: 'the testNotificationToken of POST /inApps/v1/notifications/test' },
    ])
  }
  const found = await inTransaction(call, async (tx) => {
    const [row] = await tx.db.notifications.where('byTestToken', token)
    const isOurs = row?.bundleId === app.bundleId && row.environment === environment
    return row && isOurs ? { row, attempted: await withAttempts(tx, row) } : undefined
  })
  if (!found) return refuse(4040008, `There is no test notification ${token} of ${app.bundleId} in ${environment}.`)
  if (call.now.getTime() - new Date(found.row.at).getTime() > longestAgeMs) {
    return refuse(4040008, `The test notification is of ${found.row.at}, more than six months ago.`)
  }
  const { sendAttempts } = found.attempted
  if (sendAttempts.length === 0) return refuse(4040008, 'The test notification was not attempted yet.')
  const last = sendAttempts.at(-1)!
  return {
    outcome: 'found',
    sentence: `The test notification was attempted ${sendAttempts.length} times; the last result is ${last.sendAttemptResult}.`,
    body: found.attempted,
  }
}

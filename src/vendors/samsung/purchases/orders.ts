import { z } from 'zod'
import type { Call } from '../../../contract.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import type { Reply } from '../../../kernel/reply.js'
import type { StorePurchase } from '../../../marketplace/marketplace.js'
import { packageFault, scopeFault } from '../access/access.js'
import { answerAsked, bodyOf, wrongMember, type Asked, type Decision } from '../api.js'
import { countryOf, dateText, itemOf, packageOf, unitOf } from '../facts.js'
import { openLedger } from '../ledger.js'
import type { App, Payment, tables } from '../tables.js'

/** Samsung's page: 100 orders a page. */
const pageSize = 100
const dayMs = 86_400_000

/** Lists payments and refunds of one day. */
export function answerOrders(call: Call<typeof tables>): Promise<Reply> {
  return answerAsked(call, async (asked): Promise<Decision> => {
    const fault = await scopeFault(call, asked.db, asked.token)
    if (fault) return fault
    const read = bodyOf(call)
    if (!read.ok) return read
    const { sellerSeq, packageName, continuationToken } = read.members
    const { account, db, now } = asked
    if (typeof sellerSeq !== 'string' || !/^\d{12}$/.test(sellerSeq)) {
      return wrongMember('sellerSeq', sellerSeq, { expected: account.sellerSeq, advice: 'send the 12 digits of the seller' })
    }
    if (sellerSeq !== account.sellerSeq) {
      const expected = [expectedMember(['body', 'sellerSeq'], sellerSeq, account.sellerSeq)]
      return { ok: false, error: 'not-your-content', sentence: `The service account belongs to seller ${account.sellerSeq}.`, expected }
    }
    if (packageName !== undefined && typeof packageName !== 'string') {
      return wrongMember('packageName', packageName, { expected: 'com.example.game', advice: 'send a package name, or leave it out' })
    }
    if (packageName !== undefined) {
      const expected = (accepted: string) => expectedMember(['body', 'packageName'], packageName, accepted)
      const foreign = await packageFault(db, account, { packageName, expected })
      if (foreign) return foreign
    }
    const yesterday = new Date(now.getTime() - dayMs).toISOString().slice(0, 10).replaceAll('-', '')
    const date = read.members['requestDate'] ?? yesterday
    if (typeof date !== 'string' || !isDay(date)) {
      return wrongMember('requestDate', date, { expected: yesterday, advice: 'send a day as yyyymmdd' })
    }
    const start = startOf(continuationToken, date)
    if (start === undefined) {
      return wrongMember('continuationToken', continuationToken, {
        expected: null,
        advice: 'send the one of the page before, of the same day',
      })
    }
    const orders = await ordersOf(asked, { packageName, date })
    const page = orders.slice(start, start + pageSize)
    const next = start + pageSize < orders.length ? tokenOf(date, start + pageSize) : null
    const sentence = `Seller ${sellerSeq} has ${orders.length} ${orders.length === 1 ? 'order' : 'orders'} of ${date} (GMT); this page has ${page.length}.`
    return { ok: true, outcome: 'listed', sentence, warnings: read.warnings, body: { continuationToken: next, orderItemList: page } }
  })
}

/** Orders to list. */
interface Wanted {
  packageName: string | undefined
  date: string
}

async function ordersOf(asked: Asked, { packageName, date }: Wanted) {
  const apps = await asked.db.apps.list()
  const own = apps.filter(({ sellerSeq }) => sellerSeq === asked.account.sellerSeq).map((app) => app.packageName)
  const found: { row: StorePurchase; payment: Payment }[] = []
  for (const row of await asked.transaction.marketplace.list('samsung')) {
    if (row.known === false || row.pending) continue
    const name = packageOf(row, apps)
    if (packageName === undefined ? !own.includes(name) : name !== packageName) continue
    for (const payment of await openLedger(asked, row)) if (isOn(payment, date)) found.push({ row, payment })
  }
  return found.toSorted((a, b) => a.payment.at.localeCompare(b.payment.at)).map(({ row, payment }) => orderOf(row, payment, apps))
}

/** True if a payment was made or returned on a day. */
function isOn({ at, refundedAt }: Payment, date: string): boolean {
  return [at, refundedAt].some((time) => time?.slice(0, 10).replaceAll('-', '') === date)
}

function orderOf(row: StorePurchase, payment: Payment, apps: readonly App[]) {
  const { refundedAt, micros, currency } = payment
  const price = (micros / 1_000_000).toFixed(2)
  return {
    orderId: payment.orderId,
    purchaseId: payment.purchaseId,
    contentId: '000000000000',
    countryId: countryOf(row),
    packageName: packageOf(row, apps),
    itemId: itemOf(row),
    itemTitle: itemOf(row),
    status: refundedAt === undefined ? '2' : '3',
    orderTime: dateText(payment.at),
    completionTime: dateText(payment.at),
    refundTime: refundedAt === undefined ? '' : dateText(refundedAt),
    localCurrency: unitOf(currency),
    localCurrencyCode: currency,
    localPrice: price,
    // No rates are known here; every currency counts 1:1.
    usdPrice: price,
    exchangeRate: '1.00',
    mcc: '',
    subscriptionOrderId: payment.validUntil === undefined ? '' : payment.orderId,
    freeTrialYN: payment.plan === 'F' ? 'Y' : 'N',
    tieredSubscriptionYN: payment.plan === 'T' ? 'Y' : 'N',
  }
}

function tokenOf(date: string, start: number): string {
  return Buffer.from(`${date}:${start}`).toString('hex')
}

/** Returns the index of the first order of a page, undefined for an invalid token. */
function startOf(token: unknown, date: string): number | undefined {
  if (token === undefined || token === null || token === '') return 0
  if (typeof token !== 'string' || token.length > 100) return undefined
  const [day, start] = Buffer.from(token, 'hex').toString().split(':')
  const index = Number(start)
  return day === date && Number.isSafeInteger(index) && index >= 0 && tokenOf(date, index) === token ? index : undefined
}

/** True for a day of the calendar as yyyymmdd. */
function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(text) ?? []
  return year !== undefined && z.iso.date().safeParse(`${year}-${month}-${day}`).success
}

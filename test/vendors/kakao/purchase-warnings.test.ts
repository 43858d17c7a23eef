import { describe, expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { call, purchase, seedWith, told } from './requests.js'

const api = 'log/writePurchaseLog'

describe('a purchase log', () => {
  test.each<[string, Record<string, unknown>]>([
    ['currency', { currency: 'usd' }],
    ['currency', { currency: 'XBTC' }],
    ['country', { country: 'korea' }],
    ['country', { country: 'K1' }],
    ['os', { os: 'iOS' }],
    ['market', { market: 'steam' }],
    ['marketPurchaseTime', { marketPurchaseTime: 1719092730 }],
    ['marketPurchaseTime', { marketPurchaseTime: 4102444800000 }],
    ['price', { currency: 'GPP', price: 1.5 }],
    ['currency', { currency: 'GPP', price: 1, market: 'oneStore' }],
    ['marketOrderId', { marketOrderId: undefined }],
    ['purchaseToken', { purchaseToken: undefined }],
  ])('with a doubtful %s (%j) is recorded with a warning', async (name, change) => {
    const sandbox = await aSandbox()
    expect((await call(sandbox, api, { ...sound, ...change })).status).toBe(200)
    const { warnings } = await told(sandbox)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(name)
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toMatchObject([{ warnings }])
  })

  test('with an empty order id and token is recorded with warnings that say so', async () => {
    const sandbox = await aSandbox()
    await call(sandbox, api, { ...sound, marketOrderId: '', purchaseToken: null })
    const warnings = [expect.stringContaining('marketOrderId is empty'), expect.stringContaining('purchaseToken is null')]
    expect((await told(sandbox)).warnings).toEqual(warnings)
  })

  test('without doubts has no warnings', async () => {
    const sandbox = await aSandbox()
    for (const change of [
      {},
      { currency: 'KRW', country: 'KR' },
      { country: 'xk' },
      { country: 'zz' },
      { currency: 'GPP', price: 3 },
      { market: 'tStore', purchaseToken: undefined },
      { currency: 'XCG' },
      { currency: 'XAD' },
    ]) {
      expect((await call(sandbox, api, { ...sound, ...change })).status).toBe(200)
      expect((await told(sandbox)).warnings).toEqual([])
    }
  })

  test('with a doubtful value is refused by an app that is strict about values, an absent token is not', async () => {
    const sandbox = await aSandbox({ seedDocument: seedWith({ strictValues: true }) })
    const { status, body } = await call(sandbox, api, { ...sound, country: 'korea' })
    expect([status, body]).toEqual([400, { desc: 'Invalid request parameter : country is invalid' }])
    expect((await told(sandbox)).outcome).toBe('doubtful')
    expect((await call(sandbox, api, { ...sound, purchaseToken: undefined, marketOrderId: undefined })).status).toBe(200)
    expect(await sandbox.rows('kakao', 'purchaseLogs')).toHaveLength(1)
  })
})

const sound = { ...purchase, marketPurchaseTime: 1719092730000, purchaseToken: 'opaque' }

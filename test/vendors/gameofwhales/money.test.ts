import { expect, test } from 'vitest'
import { aSandbox } from '../../support/sandbox.js'
import { call, envelope, explanations, googlePlayContainer, receiptBody, samsungContainer, seed, verdictOf } from './calls.js'

test('a transaction reported again is double, counted once, and the sentence names the first request', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const body = receiptBody(googlePlayContainer(), 'GPA.1')
  const first = await call(sandbox, 'receipt', body)
  const second = await call(sandbox, 'receipt', body)
  expect([first.status, second.status]).toEqual([200, 200])
  expect(second.body.receipts).toEqual([{ transaction: 'GPA.1', verifyState: 'double' }])
  expect(second.body.properties?.revenue).toBe(1.99)
  expect(told.map(({ outcome }) => outcome)).toEqual(['legal', 'double'])
  expect(told[1]?.sentence).toContain(`first reported in request ${told[0]?.id} by player ann`)
  expect((await sandbox.rows('gameofwhales', 'users')).find(({ user }) => user === 'ann')).not.toHaveProperty('cheater')
})

test('a report that changes nothing about its user leaves the row of the user alone', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const forged = googlePlayContainer({ tamper: 'signature' })
  await verdictOf(sandbox, googlePlayContainer(), 'T-1')
  await verdictOf(sandbox, googlePlayContainer(), 'T-1')
  await verdictOf(sandbox, forged, 'T-2')
  await verdictOf(sandbox, forged, 'T-3')
  expect(told.map(({ outcome, touched }) => [outcome, ...touched])).toEqual([
    ['legal', 'gameofwhales.users added', 'gameofwhales.purchases added'],
    ['double', 'gameofwhales.purchases added'],
    ['illegal', 'gameofwhales.users changed', 'gameofwhales.purchases added'],
    ['illegal', 'gameofwhales.purchases added'],
  ])
  expect(await sandbox.rows('gameofwhales', 'users')).toContainEqual(expect.objectContaining({ user: 'ann', cheater: true, revenue: 1.99 }))
})

test('of many reports at once exactly one is legal', async () => {
  const sandbox = await aSandbox()
  const body = receiptBody(googlePlayContainer(), 'GPA.1')
  const answers = await Promise.all(Array.from({ length: 20 }, () => call(sandbox, 'receipt', body)))
  const states = answers.map((answer) => answer.body.receipts?.[0]?.verifyState)
  expect(states.filter((state) => state === 'legal')).toHaveLength(1)
  expect(states.filter((state) => state === 'double')).toHaveLength(19)
  expect(answers.map((answer) => answer.body.properties?.revenue)).toEqual(Array(20).fill(1.99))
})

test('a repeat by any user from any store is a repeat, but not in another game', async () => {
  const sandbox = await aSandbox()
  await verdictOf(sandbox, googlePlayContainer(), 'T-1')
  await seed(sandbox, {}, { marketplace: { purchases: [{ store: 'samsung', token: 'sam-1', paymentId: 'T-1' }] } })
  expect(await verdictOf(sandbox, samsungContainer('sam-1', 'T-1'), 'T-1', { user: 'ben' })).toBe('double')
  expect(await verdictOf(sandbox, '', 'T-1', { user: 'ben' })).toBe('double')
  expect(await verdictOf(sandbox, googlePlayContainer(), 'T-1', { game: '$YOUR_GAME_KEY' })).toBe('legal')
})

test('illegal wins over double, and blocks a later legal purchase with its id', async () => {
  const sandbox = await aSandbox()
  const forged = googlePlayContainer({ tamper: 'signature' })
  expect(await verdictOf(sandbox, forged, 'T-1')).toBe('illegal')
  expect(await verdictOf(sandbox, forged, 'T-1')).toBe('illegal')
  expect(await verdictOf(sandbox, googlePlayContainer(), 'T-1')).toBe('double')
})

test('a game with verification off answers bypass, repeats included, and counts each', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { games: [{ game: 'off', verify: false }] })
  const body = receiptBody('forged', 'T-1', { game: 'off' })
  const first = await call(sandbox, 'receipt', body)
  const second = await call(sandbox, 'receipt', body)
  expect([first.body.receipts?.[0]?.verifyState, second.body.receipts?.[0]?.verifyState]).toEqual(['bypass', 'bypass'])
  expect([first.body.properties?.revenue, second.body.properties?.revenue]).toEqual([1.99, 3.98])
})

test.each(['legal', 'illegal', 'undefined', 'bypass', 'double'])('a verdict can be forced for a transaction: %s', async (verifyState) => {
  const sandbox = await aSandbox()
  await seed(sandbox, { verdicts: [{ game: 'sandbox-game', match: 'transaction/T-1', verifyState }] })
  const { status, body } = await call(sandbox, 'receipt', receiptBody('anything', 'T-1'))
  expect(status).toBe(200)
  expect(body.receipts).toEqual([{ transaction: 'T-1', verifyState }])
  expect(body.properties?.revenue).toBe(verifyState === 'illegal' || verifyState === 'double' ? 0 : 1.99)
})

test('a forced verdict replaces the store check only: a repeat is still double', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { verdicts: [{ game: 'sandbox-game', match: 'transaction/T-1', verifyState: 'undefined' }] })
  expect(await verdictOf(sandbox, 'anything', 'T-1')).toBe('undefined')
  expect(await verdictOf(sandbox, 'anything', 'T-1')).toBe('double')
})

test('a forced bypass is final, also for a repeat', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { verdicts: [{ game: 'sandbox-game', match: 'transaction/T-1', verifyState: 'bypass' }] })
  expect(await verdictOf(sandbox, 'anything', 'T-1')).toBe('bypass')
  expect(await verdictOf(sandbox, 'anything', 'T-1')).toBe('bypass')
})

test('a verdict can be forced for a product, which the receipt names', async () => {
  const sandbox = await aSandbox()
  await seed(sandbox, { verdicts: [{ game: 'sandbox-game', match: 'product/cursed', verifyState: 'illegal' }] })
  expect(await verdictOf(sandbox, googlePlayContainer({ productId: 'cursed' }), 'T-1')).toBe('illegal')
  expect(await verdictOf(sandbox, googlePlayContainer(), 'T-2')).toBe('legal')
})

test.each([
  [[1, 1, 1], 0.03],
  [[0.4, 0.4, 0.4], 0.01],
  [[10, 20], 0.3],
  [[1e308, 1e308, 1e308], 3e306],
])('prices of %j hundredths add up to %d', async (prices, revenue) => {
  const sandbox = await aSandbox()
  let last = 0
  for (const price of prices) {
    const { status, body } = await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'EUR', price }))
    expect(status).toBe(200)
    last = body.properties?.revenue ?? Number.NaN
  }
  expect(last).toBeCloseTo(revenue, 5)
})

test.each([
  [[100.5], 1.01],
  [[0.5], 0.01],
  [[0.4], 0],
  [[0.49, 0.01], 0.01],
  [[1.5, 1.5, 1.5], 0.05],
  [[110, 220], 3.3],
  [[57, 0.5], 0.58],
  [[8.5], 0.09],
  [[1e15, 0.5], 1e13 + 0.01],
  [[12345678.5], 123456.79],
])('prices of %j hundredths are shown as a revenue of %d, rounded once and exactly', async (prices, revenue) => {
  const sandbox = await aSandbox()
  const shown: unknown[] = []
  for (const price of prices) {
    const { body } = await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'EUR', price }))
    shown.push(body.properties?.revenue)
  }
  expect(shown.at(-1)).toBe(revenue)
})

test.each([
  [1.005, 1.01],
  [0.005, 0.01],
  [0.0049, 0],
  [-1.005, -1.01],
  [2.675, 2.68],
  [1e21, 1e21],
  [5e-324, 0],
])('a user seeded with a revenue of %d is shown with %d', async (revenue, shown) => {
  const sandbox = await aSandbox()
  await seed(sandbox, { users: [{ game: 'sandbox-game', user: 'ann', revenue }] })
  expect((await call(sandbox, 'login', envelope())).body.properties?.revenue).toBe(shown)
})

test('the same price a hundred times is a hundred times the price', async () => {
  const sandbox = await aSandbox()
  let last: unknown
  for (let time = 0; time < 100; time++) {
    last = (await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'EUR', price: 100.5 }))).body.properties?.revenue
  }
  expect(last).toBe(100.5)
  expect((await sandbox.rows('gameofwhales', 'users')).find(({ user }) => user === 'ann')).toMatchObject({ revenue: 100.5 })
})

test('the explanation of a purchase names its transaction, its verdict and exact amounts', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  await call(sandbox, 'receipt', receiptBody(googlePlayContainer(), 'GPA.1'))
  await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'EUR', price: 110.1, transactionId: 'T-2', receipt: '' }))
  await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'EUR', price: 100 }))
  expect(told[0]?.sentence).toMatch(/^Transaction GPA\.1 is legal: .*Counted 1\.99 EUR one to one; .* went from 0 to 1\.99\.$/)
  expect(told[1]?.sentence).toMatch(/^Transaction T-2 is bypass: .*Counted 1\.101 EUR one to one; .* went from 1\.99 to 3\.09\.$/)
  expect(told[2]?.sentence).toMatch(/^A purchase without a transaction id is bypass: .* went from 3\.09 to 4\.09\.$/)
})

test('every currency counts one to one, and an unknown currency gets a warning', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  const answer = await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'KRW', price: 150_000 }))
  expect(answer.body.properties?.revenue).toBe(1500)
  await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'GOLD', price: 100 }))
  expect(told.map(({ warnings }) => warnings.length)).toEqual([0, 1])
  expect(told[1]?.warnings[0]).toContain('GOLD')
})

test('XAD, which ISO 4217 has since 2025, gets no warning', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  await call(sandbox, 'purchase', envelope({ product: 'p', currency: 'XAD', price: 100 }))
  expect(told.map(({ warnings }) => warnings)).toEqual([[]])
})

test('purchases are dated and kept as reported', async () => {
  const sandbox = await aSandbox()
  const told = explanations(sandbox)
  await call(sandbox, 'receipt', envelope({ currency: 'EUR', price: 0.01, transactionId: 'T-1', receipt: '', at: 1567512256963 }))
  expect(await sandbox.rows('gameofwhales', 'purchases')).toEqual([
    {
      game: 'sandbox-game',
      id: expect.any(String),
      user: 'ann',
      transactionId: 'T-1',
      verifyState: 'undefined',
      price: 0.01,
      currency: 'EUR',
      store: 'GooglePlay',
      at: 1567512256963,
      recordedBy: told[0]?.id,
    },
  ])
})

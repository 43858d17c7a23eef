import { expect, test } from 'vitest'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

interface Inspection {
  format: string
  container?: object
  claims: unknown
  checks: { name: string; ok: boolean | null; detail: string }[]
  vendors: { vendor: string; answer: string; unwrapped?: string }[]
}

const mint = (sandbox: TestSandbox, what: string, wish: object = {}) =>
  sandbox.control('POST', `receipts/${what}`, wish) as Promise<Record<string, string> & { warnings: string[] }>

const inspect = (sandbox: TestSandbox, receipt: unknown) => sandbox.control('POST', 'receipts/inspect', { receipt }) as Promise<Inspection>

const results = ({ checks }: Inspection) => Object.fromEntries(checks.map(({ name, ok }) => [name, ok]))

const game = { packageName: 'com.example.game', productId: 'gems.10' }
const iosGame = { bundleId: 'com.example.game', productId: 'gems.10' }

test('a minted Google Play purchase is what Unity passes on, and has no warnings', async () => {
  const sandbox = await aSandbox()

  const minted = await mint(sandbox, 'google_play', { ...game, orderId: 'GPA.1', purchaseTime: 5 })

  expect(JSON.parse(minted['purchaseData']!)).toMatchObject({ ...game, orderId: 'GPA.1', purchaseTime: 5 })
  const { Store, TransactionID, Payload } = JSON.parse(minted['unityReceipt']!) as Record<string, string>
  expect([Store, TransactionID]).toEqual(['GooglePlay', (JSON.parse(minted['purchaseData']!) as { purchaseToken: string }).purchaseToken])
  expect(JSON.parse(Payload!)).toEqual({ json: minted['purchaseData'], signature: minted['signature'] })
  expect(minted.warnings).toEqual([])
})

test('a warning tells of an app that holds another key', async () => {
  const sandbox = await aSandbox()
  await sandbox.control('PUT', 'tables/gameofwhales/games/keyless', { game: 'keyless', androidBundleId: 'com.example.app' })

  const { warnings } = await mint(sandbox, 'google_play', { packageName: 'com.example.app', productId: 'x' })

  expect(warnings).toHaveLength(2)
  expect(warnings.join()).toContain('Game of Whales: game "keyless" holds no licence key for com.example.app')
  expect(warnings.join()).toContain('Mbaasy: Play Store app com.example.app holds another licence key')
})

test('a minted App Store receipt names its transaction and the root to trust', async () => {
  const sandbox = await aSandbox()

  const minted = await mint(sandbox, 'app_store', { ...iosGame, transactionId: 't-1' })

  expect(minted['transactionId']).toBe('t-1')
  expect(minted['warnings']).toEqual(['The App Store Server API takes ids of 1 to 64 digits, so it refuses "t-1" with 4000006.'])
  expect(minted['root']).toMatch(/^-----BEGIN CERTIFICATE-----/)
  expect(JSON.parse(minted['unityReceipt']!)).toEqual({ Store: 'AppleAppStore', TransactionID: 't-1', Payload: minted['receipt'] })
})

test('a minted Samsung purchase is known to the simulated store', async () => {
  const sandbox = await aSandbox()

  const minted = await mint(sandbox, 'samsung', { paymentId: 'pay-1', itemId: 'gems', app: 'com.example.game' })

  expect(await sandbox.rows('marketplace', 'purchases')).toEqual([
    {
      store: 'samsung',
      token: minted['purchaseId'],
      paymentId: 'pay-1',
      orderId: minted['orderId'],
      purchasedAt: expect.any(String),
      productId: 'gems',
      app: 'com.example.game',
    },
  ])
  expect(results(await inspect(sandbox, minted['unityReceipt']))).toEqual({ parse: true, store: true, transaction: true })
  expect((await sandbox.ask('/_sandbox/receipts/samsung', { method: 'POST' })).status).toBe(200)
})

test.each([{ identifier: '' }, { uuid: '' }])('an OUYA form with %j is refused', async (more) => {
  const sandbox = await aSandbox()
  const body = JSON.stringify({ package: 'tv.ouya.sample', identifier: 'awesome_sauce', username: 'player', ...more })
  expect((await sandbox.ask('/_sandbox/receipts/ouya', { method: 'POST', body })).status).toBe(422)
})

test.each([
  ['a byte order mark in front', (form: string) => `\ufeff${form}`, 400],
  ['a blank in front', (form: string) => ` ${form}`, 400],
  ['a line end behind it', (form: string) => `${form}\n`, 401],
])('of an OUYA form with %s, inspect says what the vendor answers', async (_what, changed, status) => {
  const sandbox = await aSandbox()
  const { form } = await mint(sandbox, 'ouya', { package: 'tv.ouya.sample', identifier: 'sharp_axe', username: 'player' })
  const body = changed(form!)

  const answer = await sandbox.ask('/ouya/api/v1/games/tv.ouya.sample/purchases', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body,
  })

  expect(answer.status).toBe(status)
  expect((await inspect(sandbox, body)).vendors).toMatchObject([
    { vendor: 'ouya', answer: expect.stringMatching(new RegExp(`^${status}`)) },
  ])
})

test('an OUYA form is minted, bought with and its answer opened', async () => {
  const sandbox = await aSandbox()
  const who = { username: 'player', package: 'tv.ouya.sample' }
  const { form, uuid } = await mint(sandbox, 'ouya', { ...who, identifier: 'sharp_axe' })

  const inspected = await inspect(sandbox, form)
  expect(inspected).toMatchObject({ format: 'ouya', claims: { identifier: 'sharp_axe', uuid } })
  expect(inspected.vendors).toMatchObject([{ vendor: 'ouya', answer: expect.stringMatching(/^200/) }])

  const answer = await sandbox.ask('/ouya/api/v1/games/tv.ouya.sample/purchases', {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: form!,
  })
  expect(answer.status).toBe(200)
  expect(await sandbox.control('POST', 'receipts/ouya/open', { ...who, body: await answer.text() })).toMatchObject({ uuid })
})

test('OUYA’s envelopes need OUYA', async () => {
  const sandbox = await aSandbox({ roster: [] })

  const answer = await sandbox.ask('/_sandbox/receipts/ouya', post({ package: 'p', identifier: 'i', username: 'u' }))

  expect(answer.status).toBe(404)
})

test.each<[string, string, object]>([
  ['google_play', 'no package', { productId: 'x' }],
  ['google_play', 'no product', { packageName: 'a' }],
  ['google_play', 'an unknown spoiling', { ...game, tamper: 'all' }],
  ['google_play', 'a period without a subscription', { ...game, subscription: false, period: 'P1M' }],
  ['app_store', 'a misspelt style', { ...iosGame, style: 'old' }],
  ['app_store', 'no bundle', { productId: 'x' }],
  ['samsung', 'a member too many', { price: 1 }],
  ['samsung', 'a product with a period', { type: 'product', period: 'P1M' }],
  ['ouya', 'no gamer', { package: 'tv.ouya.sample', identifier: 'x' }],
  ['ouya', 'an unknown gamer', { package: 'tv.ouya.sample', identifier: 'x', username: 'unknown' }],
  ['inspect', 'nothing', {}],
  ['inspect', 'a number', { receipt: 7 }],
])('receipts/%s refuses %s', async (what, _name, wish) => {
  const sandbox = await aSandbox()
  expect((await sandbox.ask(`/_sandbox/receipts/${what}`, post(wish))).status).toBe(422)
})

test('the same random seed mints the same receipts, and each one is another', async () => {
  const run = async () => {
    const sandbox = await aSandbox({ randomSeed: '7' })
    await sandbox.control('PUT', 'clock', { now: '2026-01-01T00:00:00Z', frozen: true })
    const minted: unknown[] = []
    for (let at = 0; at < 2; at++) {
      minted.push(await mint(sandbox, 'google_play', game), await mint(sandbox, 'app_store', iosGame), await mint(sandbox, 'samsung'))
    }
    // Signatures with elliptic curves are random.
    return minted.map((each) => JSON.stringify(each).replaceAll(/(\beyJ[\w-]+\.[\w-]+)\.[\w-]+/g, '$1'))
  }

  const first = await run()

  expect(new Set(first).size).toBe(6)
  expect(await run()).toEqual(first)
})

test.each<[string, (minted: Record<string, string>) => unknown]>([
  ['as purchaseData and signature', ({ purchaseData, signature }) => ({ purchaseData, signature })],
  ['as json and signature', ({ purchaseData, signature }) => ({ json: purchaseData, signature })],
  ['the same as text', ({ purchaseData, signature }) => JSON.stringify({ json: purchaseData, signature })],
  ['as Unity container in a text', ({ unityReceipt }) => unityReceipt],
  ['as Unity container parsed', ({ unityReceipt }) => JSON.parse(unityReceipt!) as unknown],
  ['as text quoted once more', ({ unityReceipt }) => JSON.stringify(unityReceipt)],
  ['inside a member receipt', ({ unityReceipt }) => ({ receipt: unityReceipt })],
])('a Google Play purchase is recognised %s', async (_name, present) => {
  const sandbox = await aSandbox()

  const inspected = await inspect(sandbox, present(await mint(sandbox, 'google_play', game)))

  expect(inspected.format).toBe('google_play')
  expect(inspected.claims).toMatchObject(game)
  expect(results(inspected)).toEqual({ parse: true, signature: true, app: true, store: true })
  const all = inspected.vendors.map(({ answer, unwrapped = `its contents, unwrapped, would be ${answer}` }) => [answer, unwrapped].join())
  expect(all).toEqual([expect.stringMatching(/would be legal$/), expect.stringMatching(/would be 200$/)])
})

test.each(['signature', 'data', 'key'])('a purchase with a tampered %s is reported, and the vendors refuse it', async (tamper) => {
  const sandbox = await aSandbox()

  const inspected = await inspect(sandbox, await mint(sandbox, 'google_play', { ...game, tamper }))

  expect(results(inspected)).toMatchObject({ parse: true, signature: false })
  expect(inspected.vendors).toEqual([
    { vendor: 'gameofwhales', answer: 'illegal' },
    { vendor: 'mbaasy', answer: '402 invalid_signature' },
  ])
})

test('a check without a key is open, not failed', async () => {
  const sandbox = await aSandbox()

  const inspected = await inspect(
    sandbox,
    await mint(sandbox, 'google_play', { packageName: 'com.unknown', productId: 'x', tamper: 'key' }),
  )

  expect(results(inspected)).toMatchObject({ parse: true, signature: null, app: null })
})

test.each(['unified', 'transaction'])('an App Store receipt of the %s style is recognised, wrapped in lines or not', async (style) => {
  const sandbox = await aSandbox()
  const { receipt = '' } = await mint(sandbox, 'app_store', { ...iosGame, style })

  const [straight, wrapped] = [await inspect(sandbox, receipt), await inspect(sandbox, receipt.replaceAll(/.{64}/g, '$&\r\n'))]

  expect(straight).toMatchObject({ format: 'app_store', claims: { style, bundleId: 'com.example.game' } })
  expect(results(straight)).toEqual({ parse: true, signature: true, chain: true, app: true, transaction: true })
  expect(wrapped).toEqual(straight)
})

test('a receipt of a foreign authority fails its chain until an app trusts it', async () => {
  const sandbox = await aSandbox()
  const minted = await mint(sandbox, 'app_store', { ...iosGame, tamper: 'key' })

  expect(results(await inspect(sandbox, minted['unityReceipt']))).toMatchObject({ signature: true, chain: false })
})

test('an Xcode receipt signed itself, so its chain fails', async () => {
  const sandbox = await aSandbox()
  const minted = await mint(sandbox, 'app_store', { ...iosGame, environment: 'Xcode' })

  expect(results(await inspect(sandbox, minted['receipt']))).toMatchObject({ parse: true, signature: true, chain: false })
})

test.each<[string, unknown, string]>([
  ['a container of a store that is not verified', { Store: 'AmazonApps', TransactionID: 'x', Payload: '{}' }, 'unity'],
  ['a container with a broken payload', { Store: 'GooglePlay', Payload: 7 }, 'unity'],
  ['an empty text', '', 'unknown'],
  ['broken JSON', '{"Store":', 'unknown'],
  ['an object of another kind', { a: 1 }, 'unknown'],
  ['something that is no receipt', 'hello', 'app_store'],
  ['a form that is no envelope', 'key=a&iv=b&blob=c', 'ouya'],
  ['JSON in JSON without end', JSON.stringify(JSON.stringify(JSON.stringify(JSON.stringify(JSON.stringify('x'))))), 'unknown'],
])('%s is answered, not refused', async (_name, receipt, format) => {
  const sandbox = await aSandbox()

  const inspected = await inspect(sandbox, receipt)

  expect(inspected.format).toBe(format)
  expect(inspected.checks.some(({ ok }) => ok !== true)).toBe(true)
})

test('a purchase that fits the key of the sandbox fails the check of an app that holds another key', async () => {
  const sandbox = await aSandbox()
  const { purchaseData, signature } = await mint(sandbox, 'google_play', { packageName: 'com.example.app', productId: 'gems.10' })
  const receipt = JSON.stringify({ purchase_data: purchaseData, purchase_signature: signature })

  const { checks } = (await sandbox.control('POST', 'receipts/inspect', { receipt })) as { checks: { name: string }[] }

  const detail = expect.stringMatching(/licence key of the sandbox, not the key of Mbaasy’s Play Store app com\.example\.app/)
  expect(checks.find(({ name }) => name === 'signature')).toEqual({ name: 'signature', ok: false, detail })
})

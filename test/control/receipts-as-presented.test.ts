import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { formOf } from '../../src/receipts/forms.js'
import { aSandbox, post, type TestSandbox } from '../support/sandbox.js'

interface Inspection {
  format: string
  checks: { name: string; ok: boolean | null; detail: string }[]
  vendors: { vendor: string; answer: string; unwrapped?: string }[]
}

/** A minted receipt, and how it reaches each vendor when nothing is around it. */
interface Minted {
  container: string
  bare: string
  signature?: string
  transactionId: string
}

const common = { country: 'DE', locale: 'de_DE', version: '1' }
const app = { packageName: 'com.example.game', bundleId: 'com.example.game', productId: 'gems.10' }

async function mintGooglePlay(sandbox: TestSandbox, changes: object = {}): Promise<Minted> {
  const { bundleId: _, ...wish } = app
  const minted = (await sandbox.control('POST', 'receipts/google_play', { ...wish, orderId: 'GPA.9', ...changes })) as Record<
    string,
    string
  >
  const { unityReceipt = '', purchaseData = '', signature = '' } = minted
  return { container: unityReceipt, bare: purchaseData, signature, transactionId: 'GPA.9' }
}

async function mintAppStore(sandbox: TestSandbox, changes: object = {}): Promise<Minted> {
  const { packageName: _, ...wish } = app
  const minted = (await sandbox.control('POST', 'receipts/app_store', { ...wish, ...changes })) as Record<string, string>
  return { container: minted['unityReceipt']!, bare: minted['receipt']!, transactionId: minted['transactionId']! }
}

const inspect = (sandbox: TestSandbox, receipt: unknown) => sandbox.control('POST', 'receipts/inspect', { receipt }) as Promise<Inspection>

/** The answers of the vendors to a text that is sent in place of a receipt. */
async function realAnswers(sandbox: TestSandbox, text: string, { signature, transactionId }: Minted) {
  const store = signature === undefined ? 'AppleAppStore' : 'GooglePlay'
  const body = {
    game: 'sandbox-game',
    user: 'ann',
    common: { ...common, platform: signature === undefined ? 'ios' : 'android', store },
    event: { currency: 'EUR', price: 199, transactionId, receipt: text },
  }
  const whales = await sandbox.ask('/gameofwhales/receipt', post(body))
  const { receipts } = (await whales.json()) as { receipts: { verifyState: string }[] }
  const [path, upload] =
    signature === undefined
      ? ['itunes_connect/receipts', { receipt: text }]
      : ['google_play/purchase_orders', { purchase_data: text, purchase_signature: signature }]
  const mbaasy = await sandbox.ask(`/mbaasy/client/${path}`, post(upload, { Authorization: 'Bearer test-token' }))
  const apple = await sandbox.ask('/app_store/verifyReceipt', post({ 'receipt-data': text }))
  const { status } = (await apple.json()) as { status: number }
  return { gameofwhales: receipts[0]?.verifyState, mbaasy: String(mbaasy.status), app_store: String(status) }
}

/** Leaves out the App Store's answer, if inspecting does not ask it because the text is of another store. */
function asked<T extends { app_store?: unknown }>(answers: T, inspection: Inspection): Partial<T> {
  const { app_store: _appStore, ...others } = answers
  return inspection.vendors.some(({ vendor }) => vendor === 'app_store') ? answers : (others as Partial<T>)
}

function answersIn({ vendors }: Inspection) {
  return Object.fromEntries(vendors.map(({ vendor, answer }) => [vendor, vendor === 'gameofwhales' ? answer : answer.split(' ')[0]]))
}

/** Encodings that games and libraries put around a receipt by mistake. */
const encodings: Record<string, (text: string) => string> = {
  'JSON.stringify': (text) => JSON.stringify(text),
  'a byte order mark': (text) => `\ufeff${text}`,
  'a member receipt': (text) => JSON.stringify({ receipt: text }),
  'a member receipt-data': (text) => JSON.stringify({ 'receipt-data': text }),
  Base64: (text) => Buffer.from(text).toString('base64'),
  'white space': (text) => `\n ${text}\r\n`,
  'UTF-16': (text) => Buffer.from(`\ufeff${text}`, 'utf16le').toString('latin1'),
  'a report': (text) => JSON.stringify({ game: 'g', event: { receipt: text } }),
}
const someEncodings = fc.array(fc.constantFrom(...Object.keys(encodings)), { maxLength: 3 })

test.each<[string, (sandbox: TestSandbox) => Promise<Minted>]>([
  ['a Google Play purchase', (sandbox) => mintGooglePlay(sandbox)],
  ['a forged Google Play purchase', (sandbox) => mintGooglePlay(sandbox, { tamper: 'data' })],
  ['an App Store receipt', (sandbox) => mintAppStore(sandbox)],
  ['a transaction receipt', (sandbox) => mintAppStore(sandbox, { style: 'transaction' })],
])('inspecting a container of %s says what vendors answer, however it is encoded', async (_, mint) => {
  const sandbox = await aSandbox()
  const minted = await mint(sandbox)
  await fc.assert(
    fc.asyncProperty(someEncodings, async (names) => {
      const text = names.reduce((inner, name) => encodings[name]!(inner), minted.container)
      await sandbox.control('POST', 'reset', {})
      const inspection = await inspect(sandbox, text)
      expect([names, answersIn(inspection)]).toEqual([names, asked(await realAnswers(sandbox, text, minted), inspection)])
    }),
    { numRuns: 25 },
  )
})

test.each(['JSON.stringify', 'a byte order mark', 'a member receipt', 'Base64', 'white space', 'UTF-16', 'a member receipt-data'])(
  'inspecting an App Store receipt in %s says what Mbaasy answers, and what it would answer to the contents',
  async (name) => {
    const sandbox = await aSandbox()
    const minted = await mintAppStore(sandbox)
    const text = encodings[name]!(minted.bare)

    const inspection = await inspect(sandbox, text)

    const { mbaasy } = await realAnswers(sandbox, text, minted)
    const { answer, unwrapped } = inspection.vendors.find(({ vendor }) => vendor === 'mbaasy')!
    expect(answer.slice(0, 3)).toBe(mbaasy)
    expect(unwrapped ?? answer).toMatch(mbaasy === '200' ? /^200$/ : /^its contents, unwrapped, would be 200$/)
  },
)

test('what is around a receipt is named beside both answers', async () => {
  const sandbox = await aSandbox()
  const { container } = await mintGooglePlay(sandbox)

  const { format, checks, vendors } = await inspect(sandbox, JSON.stringify({ receipt: JSON.stringify(container) }))

  expect(format).toBe('google_play')
  expect(checks[0]).toMatchObject({ name: 'parse', ok: true })
  expect(checks[0]?.detail).toMatch(/JSON object around \{"receipt":…\} .*a JSON string, .*inside: purchase of gems\.10/)
  expect(vendors).toEqual([
    { vendor: 'gameofwhales', answer: 'illegal', unwrapped: 'its contents, unwrapped, would be legal' },
    { vendor: 'mbaasy', answer: expect.stringMatching(/^422 /), unwrapped: 'its contents, unwrapped, would be 200' },
  ])
})

test('a receipt that is recorded already would be double', async () => {
  const sandbox = await aSandbox()
  for (const minted of [await mintGooglePlay(sandbox), await mintAppStore(sandbox)]) {
    const before = await inspect(sandbox, minted.container)
    expect(await realAnswers(sandbox, minted.container, minted)).toMatchObject({ gameofwhales: 'legal' })
    const after = await inspect(sandbox, minted.container)
    expect([before, after].map((each) => answersIn(each)['gameofwhales'])).toEqual(['legal', 'double'])
    expect(await realAnswers(sandbox, minted.container, minted)).toMatchObject({ gameofwhales: 'double' })
  }
})

test.each<[string, string, (minted: Minted) => unknown]>([
  ['cordova-plugin-purchase', 'android-playstore', ({ bare, signature }) => ({ type: 'android-playstore', receipt: bare, signature })],
  [
    'react-native-iap',
    'dataAndroid',
    ({ bare, signature }) => ({ dataAndroid: bare, signatureAndroid: signature, transactionReceipt: bare }),
  ],
  ['in-app-purchase', '"data","signature"', ({ bare, signature }) => ({ data: bare, signature })],
  ['the billing service', 'INAPP_PURCHASE_DATA', ({ bare, signature }) => ({ INAPP_PURCHASE_DATA: bare, INAPP_DATA_SIGNATURE: signature })],
])('a Google Play purchase in the form of %s is named, as object and as text', async (_, name, present) => {
  const sandbox = await aSandbox()
  const presented = present(await mintGooglePlay(sandbox))
  for (const receipt of [presented, JSON.stringify(presented)]) {
    const { format, checks, vendors } = await inspect(sandbox, receipt)
    expect([format, checks[1]]).toEqual(['google_play', expect.objectContaining({ name: 'signature', ok: true })])
    expect(checks[0]?.detail).toContain(name)
    expect(vendors.map(({ unwrapped }) => unwrapped)).toEqual([expect.stringMatching(/legal$/), expect.stringMatching(/200$/)])
  }
})

test.each<[string, RegExp, (minted: Minted) => unknown]>([
  ['the request of verifyReceipt', /"receipt-data"/, ({ bare }) => ({ 'receipt-data': bare, password: 's' })],
  ['the receipt file of a device', /receipt file of a device in binary/, ({ bare }) => Buffer.from(bare, 'base64').toString('latin1')],
  ['a file in UTF-16, big end first', /UTF-16/, ({ bare }) => Buffer.from(bare, 'utf16le').swap16().toString('latin1')],
  ['Base64 twice', /encoded in Base64 again/, ({ bare }) => Buffer.from(bare).toString('base64')],
  ['a data URL', /data URL/, ({ bare }) => `data:application/octet-stream;base64,${bare}`],
  ['the alphabet for URLs', /alphabet for URLs/, ({ bare }) => bare.replaceAll('+', '-').replaceAll('/', '_')],
  ['blanks for plus', /became blanks/, ({ bare }) => bare.replaceAll('+', ' ')],
  ['blanks for plus, with a line break at the end', /became blanks/, ({ bare }) => `${bare.replaceAll('+', ' ')}\n`],
  ['percent escapes', /percent escapes/, ({ bare }) => encodeURIComponent(bare)],
])('an App Store receipt as %s is named and judged by its contents', async (_, name, present) => {
  const sandbox = await aSandbox()

  const { format, checks, vendors } = await inspect(sandbox, present(await mintAppStore(sandbox)))

  expect(format).toBe('app_store')
  expect(checks[0]?.detail).toMatch(name)
  expect(checks.map(({ ok }) => ok)).toEqual([true, true, true, true, true])
  expect(vendors.find(({ vendor }) => vendor === 'mbaasy')).toEqual({
    vendor: 'mbaasy',
    answer: '422 is not a valid receipt',
    unwrapped: 'its contents, unwrapped, would be 200',
  })
})

test('of a receipt whose last "+" became a blank, the contents are complete', async () => {
  const sandbox = await aSandbox()
  const { bare } = await mintAppStore(sandbox)
  const bytes = Buffer.from(bare, 'base64')
  const longer = Buffer.concat([bytes, Buffer.alloc(3 - (bytes.length % 3), 0xfe)]).toString('base64')
  expect(longer.at(-1)).toBe('+')

  expect(formOf(longer.replaceAll('+', ' '))?.contents).toBe(longer)
})

test.each(['hello', 'eyJhbGciOiJFUzI1NiJ9.eyJidW5kbGVJZCI6ImNvbS5hIn0.c2ln', 'SGVsbG8sIHdvcmxkISE='])(
  'for %s, which is no receipt, inspecting says what vendors answer and nothing of contents',
  async (text) => {
    const sandbox = await aSandbox()
    const inspection = await inspect(sandbox, text)
    expect(answersIn(inspection)).toEqual(await realAnswers(sandbox, text, { container: '', bare: text, transactionId: 't' }))
    expect(inspection.vendors.every((each) => !('unwrapped' in each))).toBe(true)
  },
)

test('a binary receipt that was read as text is named, though its bytes are lost', async () => {
  const sandbox = await aSandbox()
  const { bare } = await mintAppStore(sandbox)

  const { checks } = await inspect(sandbox, Buffer.from(bare, 'base64').toString('utf8'))

  expect(checks[0]?.detail).toMatch(/receipt file of a device in binary.*some of its bytes were lost/)
})

test.each<[string, object, string]>([
  ['missing', {}, 'the signature is missing'],
  ['null', { signature: null }, 'the signature is null'],
  ['a number', { signature: 5 }, 'the signature is a number'],
])('a Google Play signature that is %s is named as such, bare and in a container', async (_, signature, words) => {
  const sandbox = await aSandbox()
  const { bare } = await mintGooglePlay(sandbox)
  const payload = { json: bare, ...signature }
  for (const receipt of [payload, { Store: 'GooglePlay', Payload: JSON.stringify(payload) }]) {
    const { checks } = await inspect(sandbox, receipt)
    expect(checks.find(({ name }) => name === 'signature')?.detail).toContain(words)
  }
})

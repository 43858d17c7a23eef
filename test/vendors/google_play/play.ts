import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { StorePurchase } from '../../../src/marketplace/marketplace.js'
import { aSandbox, type SandboxWishes, type TestSandbox } from '../../support/sandbox.js'

/** Start of the clock of these tests; it is frozen. */
export const start = '2026-01-01T00:00:00.000Z'
export const packageName = 'com.example.game'
export const token = 'opaquetokenofsomepurchase.AO-J1OabcdefghijklmnopqrstuvwxyZ'
export const day = 86_400_000

const seed = JSON.parse(readFileSync(new URL('../../../fixtures/default.json', import.meta.url), 'utf8')) as {
  google_play: { apps: Record<string, unknown>[] } & Record<string, unknown>
}

/** Settings of the app, and rows of the marketplace. */
export interface PlayWishes extends SandboxWishes {
  app?: Record<string, unknown>
  purchases?: Omit<StorePurchase, 'store'>[]
  more?: Record<string, unknown>
}

/** A sandbox with the default seed of Google Play, a frozen clock and some purchases. */
export async function aPlay({ app = {}, purchases = [], more = {}, ...wishes }: PlayWishes = {}): Promise<Play> {
  const sandbox = await aSandbox({
    seedDocument: {
      google_play: { ...seed.google_play, apps: [{ ...seed.google_play.apps[0], ...app }] },
      marketplace: { purchases: purchases.map((row) => ({ store: 'google_play', ...row })) },
      clock: { now: start, frozen: true },
      ...more,
    },
    ...wishes,
  })
  return playOf(sandbox)
}

/** A sandbox with the calls that these tests make. */
export interface Play {
  sandbox: TestSandbox
  /** Sends a call below the app with the bearer of the seed. */
  call(path: string, init?: { method?: string; body?: unknown; headers?: Record<string, string> }): Promise<Answer>
  /** Lets a store act on the purchase. */
  act(action: string, body?: unknown, of?: string): Promise<StorePurchase>
  advance(duration: string | number): Promise<unknown>
  row(of?: string): Promise<StorePurchase>
  /** Notifications that were queued, with their content. */
  notices(): Promise<Notice[]>
}

export interface Answer {
  status: number
  text: string
  body: Record<string, unknown>
  outcome: string
  verdict: string
  explanation: string
  expected: { pointer: string; expected: unknown }[]
  headers: Headers
}

export interface Notice {
  event: string
  content: Record<string, unknown>
}

export function playOf(sandbox: TestSandbox): Play {
  return {
    sandbox,
    async call(path, { method = 'GET', body, headers = {} } = {}) {
      const reply = await sandbox.ask(`/google_play/androidpublisher/v3/applications/${packageName}/${path}`, {
        method,
        headers: { Authorization: 'Bearer ya29.sandbox', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      return answerOf(sandbox, reply)
    },
    act: async (action, body, of = token) =>
      (await sandbox.control('POST', `upstreams/google_play/purchases/${of}/${action}`, body)) as StorePurchase,
    advance: (duration) => sandbox.control('POST', 'clock/advance', typeof duration === 'number' ? { ms: duration } : { duration }),
    async row(of = token) {
      const { row } = (await sandbox.control('GET', `tables/marketplace/purchases/google_play:${of}`)) as { row: StorePurchase }
      return row
    },
    async notices() {
      const messages = await sandbox.rows('google_play', 'messages')
      return messages.map(({ kind, body }) => {
        const { message } = JSON.parse(String(body)) as { message: { data: string } }
        return { event: String(kind), content: JSON.parse(Buffer.from(message.data, 'base64').toString()) as Record<string, unknown> }
      })
    },
  }
}

export async function answerOf(sandbox: TestSandbox, reply: Response): Promise<Answer> {
  const text = await reply.text()
  const entry = (await sandbox.control('GET', `traffic/${reply.headers.get('x-sandbox-request')}`)) as Answer
  const { outcome, verdict, explanation, expected } = entry
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  return { status: reply.status, text, body, outcome, verdict, explanation, expected, headers: reply.headers }
}

/** The reason in Google's error envelope. */
export function reasonOf({ body }: Answer): string | undefined {
  return (body['error'] as { errors?: { reason: string }[] } | undefined)?.errors?.[0]?.reason
}

/** Credential file of the default seed. */
export const account = JSON.parse(readFileSync(new URL('../../../fixtures/keys/google-service-account.json', import.meta.url), 'utf8')) as {
  client_email: string
  private_key: string
  private_key_id: string
}

/** Returns a JWT that the service account of the seed signed, unless another key is given. */
export function assertion(
  claims: Record<string, unknown> = {},
  { key = account.private_key, header = {}, encoding = 'base64url' }: { key?: string; header?: object; encoding?: BufferEncoding } = {},
): string {
  const now = Math.floor(Date.now() / 1000)
  const all = {
    iss: account.client_email,
    scope: 'https://www.googleapis.com/auth/androidpublisher',
    aud: 'https://oauth2.googleapis.com/token',
    iat: now,
    exp: now + 3600,
    ...claims,
  }
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString(encoding)
  const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: account.private_key_id, ...header })}.${part(all)}`
  return `${signed}.${sign('sha256', Buffer.from(signed), createPrivateKey(key)).toString(encoding)}`
}

export const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const subscription = {
  token,
  app: packageName,
  productId: 'club.monthly',
  type: 'subscription',
  period: 'P1M',
  purchasedAt: start,
} as const
export const product = { token, app: packageName, productId: 'gems.10', type: 'product', purchasedAt: start } as const

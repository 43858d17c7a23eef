import type { TestSandbox } from '../../support/sandbox.js'

/** The credentials and player of the vendor's own example. */
export const credentials: Readonly<Record<string, string>> = {
  appId: '103815',
  appSecret: '951b75bf17fe0885ab5106ba2a9f9bc9',
  Authorization: 'KakaoAK 11118035a320f23423585acae3ded1111',
  playerId: '123412341234',
}

/** The body of the vendor's own example. */
export const purchase: Readonly<Record<string, unknown>> = {
  grade: 100,
  currency: 'USD',
  price: 12.23,
  os: 'android',
  country: 'kr',
  market: 'googlePlay',
  marketOrderId: '123098120938.123123123',
  marketProductId: 'test gem 0003',
  marketPurchaseTime: 12312312333,
}

export const purchasePath = '/kakao/service/v3/log/writePurchaseLog'

/** A request in Kakao's form. A header that is undefined is left out; a body that is text goes as it is. */
export function ask(body: unknown, headers: Record<string, string | undefined> = {}): RequestInit {
  const all = { 'Content-Type': 'application/json;charset=UTF-8', ...credentials, ...headers }
  return {
    method: 'POST',
    headers: Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]])),
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  }
}

/** Asks an API of the third generation and reads the JSON reply. */
export async function call(sandbox: TestSandbox, api: string, body: unknown, headers: Record<string, string | undefined> = {}) {
  const reply = await sandbox.ask(`/kakao/service/v3/${api}`, ask(body, headers))
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown>, headers: reply.headers }
}

/** Outcome, sentence and warnings of the newest request. */
export async function told(sandbox: TestSandbox): Promise<{ outcome: string; explanation: string; warnings: readonly string[] }> {
  const { traffic } = await sandbox.context.workspaces.open('default')
  await traffic.catchUp()
  return traffic.kept().at(-1)!
}

/** The default seed's Kakao part with an app set differently. */
export function seedWith(app: Record<string, unknown>): unknown {
  return {
    kakao: {
      apps: [{ appId: '103815', appSecret: credentials['appSecret'], adminKey: '11118035a320f23423585acae3ded1111', ...app }],
      players: [{ appId: '103815', playerId: '123412341234', memberKey: 'tPeowElrV3iwgl7hQZtv11OXoRYLSvqu' }],
      messageBoxes: [{ appId: '103815', messageBoxId: 'inbox' }],
    },
  }
}

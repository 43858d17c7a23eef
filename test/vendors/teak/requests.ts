import type { TestSandbox } from '../../support/sandbox.js'

/** The body of a complete purchase report. */
export const purchase: Readonly<Record<string, unknown>> = {
  game_id: '123456',
  secret_key: 'server-secret',
  user_id: 'player-1',
  amount: 499,
  platform: 'ios',
  platform_id: 'order-0001',
  store_name: 'my_webshop',
  product_name: '100 gems',
}

/** Asks Teak with a JSON body, changed where asked; a member that is undefined is left out. */
export async function report(sandbox: TestSandbox, changes: Record<string, unknown> = {}) {
  return ask(sandbox, 'POST', '/v2/purchase', { ...purchase, ...changes })
}

/** Asks a server-to-server call and reads its JSON reply; a body that is text goes as it is. */
export async function ask(sandbox: TestSandbox, method: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const reply = await sandbox.ask(`/teak${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown>, type: reply.headers.get('content-type') }
}

/** Outcome and sentence of the newest request. */
export async function told(sandbox: TestSandbox): Promise<{ outcome: string; explanation: string }> {
  const { traffic } = await sandbox.context.workspaces.open('default')
  await traffic.catchUp()
  return traffic.kept().at(-1)!
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import { openResponse, sealRequest } from '../../../src/receipts/ouya/messages.js'
import { spkiDer } from '../../../src/pki/rsa-key.js'
import type { Entry } from '../../../src/traffic/traffic.js'
import { ouya } from '../../../src/vendors/ouya/index.js'
import { tables } from '../../../src/vendors/ouya/tables.js'
import type { OuyaScope } from '../../../src/vendors/ouya/calls.js'
import { vendorTablesOf, WorkspaceScope } from '../../../src/workspace/scope.js'
import { aSandbox, type SandboxWishes, type TestSandbox } from '../../support/sandbox.js'

/** The worked example: throw-away keys, one request and one answer, made with the JDK's ciphers. */
export const example = JSON.parse(readFileSync(new URL('../../receipts/ouya-worked-example.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>

export const token = '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8'
export const developerId = '310a8f51-4d6e-4ae5-bda0-b93878e5f5d0'
export const formType = { 'Content-Type': 'application/x-www-form-urlencoded' }

export const gamerPrivateKey = pkcs8(example['gamer_private_key_pkcs8_der_base64']!)
export const applicationPrivateKey = pkcs8(example['application_private_key_pkcs8_der_base64']!)

const foreignKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey

/** OUYA's part of the default seed, to be changed and used as a seed of a test's own. */
export interface OuyaSeed {
  developers: Record<string, unknown>[]
  games: Record<string, unknown>[]
  products: Record<string, unknown>[]
  gamers: Record<string, unknown>[]
  vouchers?: Record<string, unknown>[]
  purchases?: Record<string, unknown>[]
}

/** A sandbox over the default seed after a change to it. Its clock is frozen, by default at the start of 2026. */
export async function aStore(
  change: (seed: OuyaSeed) => void = () => {},
  now = '2026-01-01T00:00:00.000Z',
  wishes: SandboxWishes = {},
): Promise<TestSandbox> {
  const file = new URL('../../../fixtures/default.json', import.meta.url)
  const { ouya: seed } = JSON.parse(readFileSync(file, 'utf8')) as { ouya: OuyaSeed }
  change(seed)
  const sandbox = await aSandbox({ seedDocument: { ouya: seed, clock: { now, frozen: true } }, ...wishes })
  onTestFinished(async () => {
    const { traffic } = await sandbox.context.workspaces.open('default')
    await traffic.catchUp()
    expect(traffic.kept().filter(isUndeclared)).toEqual([])
  })
  return sandbox
}

/** True if a route replied with an outcome or a status that it does not declare. */
function isUndeclared({ route, head, outcome, reply, fault, vendor }: Entry): boolean {
  const known = ouya.routes.find(({ method, path }) => vendor === 'ouya' && method === head.method && path === route)
  if (!known || fault || outcome === 'too-large') return false
  return known.outcomes[outcome] !== reply?.status
}

/** Changes the only row of a seed's table. */
export function only(rows: Record<string, unknown>[], change: Record<string, unknown>): void {
  Object.assign(rows[0]!, change)
}

/** Seals what a game asks for as the console of the default seed's gamer would send it. */
export function seal(payload: unknown, how: { plain?: boolean; text?: string } = {}): Record<string, string> {
  const keys = how.plain ? ({ plain: true } as const) : { gamerPrivateKey, applicationPublicKey: createPublicKey(applicationPrivateKey) }
  return { ...sealRequest(how.text ?? JSON.stringify(payload), { ...keys, random: randomBytes }).form }
}

/** A purchase of the axe with one or both layers sealed with keys that neither the gamer nor the game has. */
export function sealedBy(foreign: { gamer?: boolean; application?: boolean }): Record<string, string> {
  const keys = {
    gamerPrivateKey: foreign.gamer ? foreignKey : gamerPrivateKey,
    applicationPublicKey: createPublicKey(foreign.application ? foreignKey : applicationPrivateKey),
  }
  return { ...sealRequest('{"identifier":"sharp_axe","uuid":"1"}', { ...keys, random: randomBytes }).form }
}

/** An outer layer in plain mode, so that anything can stand inside. */
export function outerOver(text: string): Record<string, string> {
  return { key: randomBytes(16).toString('base64'), iv: randomBytes(16).toString('base64'), blob: Buffer.from(text).toString('base64') }
}

/** Sends a form. */
export function send(
  sandbox: TestSandbox,
  method: string,
  path: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return sandbox.ask(`/ouya${path}`, { method, headers: { ...formType, ...headers }, body: new URLSearchParams(fields).toString() })
}

/** Asks for something with the token of the default seed's gamer. */
export function get(sandbox: TestSandbox, path: string, headers: Record<string, string> = { 'X-OUYA-AuthToken': token }) {
  return sandbox.ask(`/ouya${path}`, { headers })
}

/** Buys as the default seed's gamer in the sample game. */
export function buy(sandbox: TestSandbox, payload: unknown, how: { plain?: boolean; package?: string; token?: string } = {}) {
  const fields = { ...seal(payload, how), auth_token: how.token ?? token }
  return send(sandbox, 'POST', `/api/v1/games/${how.package ?? 'tv.ouya.sample'}/purchases`, fields)
}

/** The receipts as the game reads them. */
export async function receipts(sandbox: TestSandbox, packageName = 'tv.ouya.sample'): Promise<Record<string, unknown>[]> {
  const reply = await get(sandbox, `/api/v1/games/${packageName}/purchases?app_id=${packageName}`)
  if (reply.status !== 200) throw new Error(`${reply.status} ${await reply.text()}`)
  return (await opened(reply))['purchases'] as Record<string, unknown>[]
}

/** An answer with both layers off, read with the keys of the default seed. */
export async function opened(reply: Response): Promise<Record<string, unknown>> {
  const found = openResponse(await reply.text(), {
    gamerPrivateKey,
    applicationPublicKey: createPublicKey({ key: spkiDer(applicationPrivateKey), format: 'der', type: 'spki' }),
  })
  if (!found.ok) throw new Error(found.reason)
  return JSON.parse(found.payload) as Record<string, unknown>
}

/** Status and error code of a refusal. */
export async function refusalOf(reply: Response): Promise<{ status: number; code: number }> {
  const body = (await reply.json()) as { error: { code: number } }
  return { status: reply.status, code: body.error.code }
}

/** The scope of timers and control routes, by default at the time of the workspace's clock. */
export async function scopeOf(sandbox: TestSandbox, now?: string): Promise<OuyaScope> {
  const { space } = await sandbox.context.workspaces.open('default')
  const parts = { id: 'ouya', tables: vendorTablesOf('ouya', tables), followers: [] }
  const scope = new WorkspaceScope(parts, space, await space.setting(), sandbox.context.keys, now === undefined ? undefined : new Date(now))
  return scope as unknown as OuyaScope
}

function pkcs8(base64: string) {
  return createPrivateKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'pkcs8' })
}

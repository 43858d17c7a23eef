import type { BareReceipt, ConfiguredApp, PresentedReceipt, Vendor } from '../../../contract.js'
import type { ControlContext } from '../../context.js'
import { keyFrom } from '../../../kernel/table.js'
import type { StoreName, StorePurchase } from '../../../marketplace/marketplace.js'
import { appStoreDevelopment } from '../../../receipts/app-store/development.js'
import { jwsKeys } from '../../../receipts/app-store/jws/development.js'
import { verifySigned } from '../../../receipts/app-store/jws/verify.js'
import { readAppStoreReceipt } from '../../../receipts/app-store/read.js'
import { builtInTrust, prepareTrust } from '../../../receipts/app-store/trust.js'
import { verify as verifyGooglePlay } from '../../../receipts/google-play.js'
import { verify as verifySamsung } from '../../../receipts/samsung.js'
import type { Check } from '../../../receipts/verdict.js'
import { scopeOf } from '../../../workspace/scope.js'
import type { Workspace } from '../../../workspace/workspace.js'
import { configuredApps } from './apps.js'

/** Claims of a receipt, and the checks that its store makes. */
export interface Inspected {
  claims: unknown
  checks: Check[]
}

/** Sandbox and workspace in which a receipt is inspected. */
export interface InspectContext {
  context: ControlContext
  space: Workspace
}

/** Inspects a receipt with every key and root that any app is configured with. */
export function inspectReceipt(bench: InspectContext, receipt: BareReceipt): Promise<Inspected> {
  switch (receipt.format) {
    case 'google_play':
      return inspectGooglePlay(bench, receipt)
    case 'app_store':
      return inspectAppStore(bench, receipt.receipt)
    case 'app_store_jws':
      return inspectSigned(bench, receipt.jws)
    case 'samsung':
      return inspectSamsung(bench, receipt)
    default:
      return inspectOwn(bench, receipt)
  }
}

async function inspectGooglePlay(
  bench: InspectContext,
  { purchaseData, signature, unsigned }: Extract<BareReceipt, { format: 'google_play' }>,
): Promise<Inspected> {
  const { context, space } = bench
  const { claims } = verifyGooglePlay(purchaseData, signature, null)
  const apps = claims?.packageName === undefined ? [] : await configuredApps(context, space, 'google_play', claims.packageName)
  const configured = apps.flatMap((app) => {
    const parsed = app.licenseKey === undefined ? undefined : context.keys.licenseKey(app.licenseKey)
    return parsed?.ok ? [{ key: parsed.key, whose: `of ${app.vendor.title}’s ${app.name}` }] : []
  })
  const keys = [...configured, { key: context.keys.development.googlePlay, whose: 'of the sandbox' }]
  const verdicts = keys.map(({ key, whose }) => ({ whose, verdict: verifyGooglePlay(purchaseData, signature, key, { unsigned }) }))
  const signatureOf = ({ verdict }: (typeof verdicts)[number]) => verdict.checks.find(({ name }) => name === 'signature')
  const fitting = verdicts.find((each) => signatureOf(each)?.ok === true)
  const { whose, verdict } = fitting ?? verdicts[0]!
  const checks = verdict.checks.map((check): Check => {
    if (check.name !== 'signature') return check
    if (!fitting && configured.length === 0 && claims) {
      return {
        name: 'signature',
        ok: null,
        detail: `no app is configured for ${claims.packageName ?? 'its package'}, and the sandbox’s own key did not sign it`,
      }
    }
    const others = configured.filter((each) => each.whose !== whose)
    // The vendor checks with the key of its app alone, so a receipt that fits the sandbox's key only is refused there.
    if (whose === 'of the sandbox' && others.length > 0) {
      const detail = `${check.detail} of the sandbox, not the key ${list(others.map((each) => each.whose))}, which checks it`
      return { ...check, ok: false, detail }
    }
    return { ...check, detail: `${check.detail} (key ${whose})` }
  })
  if (!claims) return { claims: null, checks }
  const token = claims.purchaseToken
  return {
    claims,
    checks: [
      ...checks,
      appCheck(claims.packageName, apps),
      ...(token === undefined ? [] : [await storeCheck(bench, 'google_play', token)]),
    ],
  }
}

async function inspectAppStore(bench: InspectContext, receipt: string): Promise<Inspected> {
  const { context, space } = bench
  const { root } = context.keys.prepared('app store development keys', appStoreDevelopment)
  const own = builtInTrust(root)
  const first = readAppStoreReceipt(receipt, { trust: context.keys.prepared('app store built-in trust', () => prepareTrust(own)) })
  const { claims } = first
  if (!claims) return { claims: null, checks: first.checks }
  const apps = claims.bundleId === undefined ? [] : await configuredApps(context, space, 'app_store', claims.bundleId)
  const roots = apps.flatMap((app) => app.roots ?? [])
  const { checks } =
    roots.length === 0 ? first : readAppStoreReceipt(receipt, { trust: prepareTrust({ ...own, roots: [...own.roots, ...roots] }) })
  const transaction: Check = {
    name: 'transaction',
    ok: claims.items.length > 0,
    detail:
      claims.items.length > 0 ? `holds ${list(claims.items.map(({ transactionId }) => transactionId ?? '(none)'))}` : 'holds no purchase',
  }
  return { claims, checks: [...checks, appCheck(claims.bundleId, apps), transaction] }
}

/** Inspects signed data of the App Store; what it carries signed inside is decoded, and verified as well. */
async function inspectSigned({ context, space }: InspectContext, jws: string): Promise<Inspected> {
  const roots = [jwsKeys(context.keys).own.root]
  const { claims, checks } = verifySigned(jws, roots)
  if (!claims) return { claims: null, checks }
  const opened = openInner(claims, roots)
  const data = (opened.claims['data'] ?? opened.claims) as Record<string, unknown>
  const bundleId = typeof data['bundleId'] === 'string' ? data['bundleId'] : undefined
  const isAboutApp = bundleId !== undefined || !('autoRenewStatus' in claims)
  const apps = bundleId === undefined ? [] : await configuredApps(context, space, 'app_store', bundleId)
  return { claims: opened.claims, checks: [...checks, ...opened.checks, ...(isAboutApp ? [appCheck(bundleId, apps)] : [])] }
}

/** Decodes the signed members of a notification. A failure of one is a separate check. */
function openInner(claims: Record<string, unknown>, roots: readonly string[]): { claims: Record<string, unknown>; checks: Check[] } {
  const { data } = claims
  if (typeof data !== 'object' || data === null) return { claims, checks: [] }
  const opened: Record<string, unknown> = { ...data }
  const failures: Check[] = []
  for (const name of ['signedTransactionInfo', 'signedRenewalInfo']) {
    const inner = opened[name]
    if (typeof inner !== 'string') continue
    const verified = verifySigned(inner, roots)
    if (verified.claims) opened[name] = verified.claims
    failures.push(...verified.checks.filter(({ ok }) => ok === false).map((check) => ({ ...check, detail: `${name}: ${check.detail}` })))
  }
  return { claims: { ...claims, data: opened }, checks: failures }
}

async function inspectSamsung(
  { context, space }: InspectContext,
  { purchaseId, paymentId }: { purchaseId: string; paymentId?: string },
): Promise<Inspected> {
  const found = await storePurchase({ context, space }, 'samsung', purchaseId)
  const { claims = null, checks } = verifySamsung(purchaseId, paymentId, found)
  return { claims, checks }
}

/** Inspects a receipt of a vendor's own kind; only that vendor has the keys. */
async function inspectOwn(
  { context, space }: InspectContext,
  { format, form }: Extract<BareReceipt, { form: string }>,
): Promise<Inspected> {
  const vendor = context.vendors.find(({ ownReceipt }) => ownReceipt?.format === format)
  if (!vendor?.ownReceipt) {
    const detail = `no vendor that is on reads receipts of kind "${format}", so there are no keys to decrypt it with; start with it among --vendors`
    return { claims: null, checks: [{ name: 'signature', ok: null, detail }] }
  }
  return vendor.ownReceipt.inspect(scopeOf(context, space, await space.setting(), vendor.id), form)
}

/** Reply of a vendor to a receipt as presented, and the reply to the unwrapped receipt if it differs. */
export interface VendorAnswer {
  vendor: string
  answer: string
  unwrapped?: string
}

/** Returns the reply of each vendor that takes such a receipt to exactly what was presented; `inner` is the contained receipt, if it is wrapped. */
export async function answersOf(
  { context, space }: InspectContext,
  presented: PresentedReceipt,
  inner: BareReceipt | undefined,
): Promise<VendorAnswer[]> {
  const setting = await space.setting()
  const answers = context.vendors.map(async (vendor: Vendor): Promise<VendorAnswer[]> => {
    const scope = scopeOf(context, space, setting, vendor.id)
    const answer = await vendor.judge?.(scope, presented)
    if (answer === undefined) return []
    const unwrapped = inner === undefined ? answer : await vendor.judge?.(scope, inner)
    if (unwrapped === undefined || unwrapped === answer) return [{ vendor: vendor.id, answer }]
    return [{ vendor: vendor.id, answer, unwrapped: `its contents, unwrapped, would be ${unwrapped}` }]
  })
  return (await Promise.all(answers)).flat()
}

function appCheck(id: string | undefined, apps: readonly (ConfiguredApp & { vendor: Vendor })[]): Check {
  if (id === undefined) return { name: 'app', ok: false, detail: 'the receipt names no app' }
  if (apps.length === 0) return { name: 'app', ok: null, detail: `no vendor has an app ${id}` }
  return { name: 'app', ok: true, detail: `${id} is ${list(apps.map(({ vendor, name }) => `${vendor.title}’s ${name}`))}` }
}

async function storeCheck(bench: InspectContext, store: StoreName, token: string): Promise<Check> {
  const found = await storePurchase(bench, store, token)
  if (found === 'unreachable') return { name: 'store', ok: null, detail: 'the simulated store is unreachable' }
  if (found?.known === false) return { name: 'store', ok: false, detail: 'the simulated store does not know this purchase token' }
  if (found?.canceledAt !== undefined)
    return { name: 'store', ok: true, detail: `the simulated store knows it, cancelled at ${found.canceledAt}` }
  return {
    name: 'store',
    ok: true,
    detail: found ? 'the simulated store knows it' : 'the simulated store knows every token without a row of its own',
  }
}

async function storePurchase(
  { space }: InspectContext,
  store: StoreName,
  token: string,
): Promise<StorePurchase | undefined | 'unreachable'> {
  if ((await space.setting()).unreachable.has(store)) return 'unreachable'
  const { value } = await space.transact((rows) => rows.get('marketplace.purchases', keyFrom([store, token])))
  // Rows of this table passed its schema at the boundary.
  return value as StorePurchase | undefined
}

function list(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}

import type { Request } from '../../kernel/request.js'
import { show, type Db, type Refusal } from './decision.js'
import type { App } from './tables.js'

/** Whether an API is for game servers alone, or also for clients, which have no admin key but send a right one if any. */
export type AdminKey = 'required' | 'optional'

/** The app that a request's headers prove, or a 401. Secret and admin key must belong to the same app. */
export async function admit(db: Db, request: Request, now: Date, adminKey: AdminKey): Promise<{ kind: 'admitted'; app: App } | Refusal> {
  const appId = request.header('appid')
  const app = appId ? await db.apps.get(appId) : undefined
  if (!app)
    return unauthenticated('Invalid appId', appId ? `appId ${show(appId)} is no app; kakao.apps has those.` : 'Header appId is missing.')
  const guard = app.blockAfterBadKeys
  if (guard !== undefined && (await db.badAdminKeys.get(app.appId, request.address))?.blocked) {
    return {
      ...unauthenticated(
        'Blocked address',
        `${guard} wrong admin keys within a minute came from ${request.address}; it is locked out until a reset.`,
      ),
      outcome: 'blocked',
    }
  }
  const secret = request.header('appsecret')
  if (secret !== app.appSecret) {
    const seen = secret ? `appSecret ${show(secret)} is not the secret of app ${app.appId}` : 'Header appSecret is missing'
    return unauthenticated('Invalid appSecret', `${seen}; that of app ${app.appId} stands in kakao.apps.`)
  }
  const authorization = request.header('authorization')
  if (authorization === undefined || authorization === '') {
    if (adminKey === 'optional') return { kind: 'admitted', app }
    return unauthenticated('Invalid admin key', 'Header Authorization is missing; it takes "KakaoAK {admin key}".')
  }
  const key = /^KakaoAK (\S+)$/i.exec(authorization)?.[1]
  if (key === app.adminKey) return { kind: 'admitted', app }
  if (guard !== undefined) await countBadKey(db, app.appId, { address: request.address, now: now.getTime(), guard })
  return unauthenticated(
    'Invalid admin key',
    key === undefined
      ? `Authorization ${show(authorization)} is not of the form "KakaoAK {admin key}".`
      : `Admin key ${show(key)} is not that of app ${app.appId}; the right one stands in kakao.apps.`,
  )
}

/** Counts a wrong key, and blocks the address once as many as the guard allows lie within one minute. */
async function countBadKey(db: Db, appId: string, wrong: { address: string; now: number; guard: number }): Promise<void> {
  const { address, now, guard } = wrong
  const counted = (await db.badAdminKeys.get(appId, address))?.at ?? []
  // Calls commit in another order than they began in, so that attempts after this one may be counted already.
  const at = [...counted.filter((moment) => Math.abs(moment - now) < minute), now].toSorted((a, b) => a - b)
  const blocked = at.some((first, index) => (at[index + guard - 1] ?? Infinity) - first < minute)
  db.badAdminKeys.put({ appId, address, at, blocked })
}

const minute = 60_000

function unauthenticated(desc: string, sentence: string): Refusal {
  return { kind: 'refused', status: 401, outcome: 'unauthenticated', desc, sentence }
}

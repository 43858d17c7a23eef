import { expectedMember } from '../../kernel/expected-member.js'
import type { Request } from '../../kernel/request.js'
import { show } from '../../kernel/show.js'
import { shownBlank, type Db, type Refusal } from './decision.js'
import type { App } from './tables.js'

/** `required` for APIs of game servers; `optional` for APIs that clients call too, without an admin key or with the right one. */
export type AdminKey = 'required' | 'optional'

/** Returns the app that a request's headers prove, or a 401. Secret and admin key must belong to the same app. */
export async function admit(db: Db, request: Request, now: Date, adminKey: AdminKey): Promise<{ kind: 'admitted'; app: App } | Refusal> {
  const appId = request.header('appid')
  const app = appId ? await db.apps.get(appId) : undefined
  if (!app) {
    const sentence = appId
      ? `appId is ${show(appId)}; no row of kakao.apps has it.`
      : `Header appId is ${shownBlank(appId)}; send the appId of a row of kakao.apps.`
    const apps = await db.apps.list()
    const meant = apps.find(({ appSecret }) => appSecret === request.header('appsecret')) ?? apps[0]
    return unauthenticated('Invalid appId', sentence, wrongHeader(request, 'appid', meant?.appId ?? 'the appId of a row of kakao.apps'))
  }
  const guard = app.blockAfterBadKeys
  if (guard !== undefined && (await db.badAdminKeys.get(app.appId, request.address))?.blocked) {
    const sentence = `${guard === 1 ? '1 wrong admin key' : `${guard} wrong admin keys`} within a minute came from ${request.address}; the address is blocked until a reset.`
    return { ...unauthenticated('Blocked address', sentence), outcome: 'blocked' }
  }
  const secret = request.header('appsecret')
  if (secret !== app.appSecret) {
    const seen = secret ? `appSecret ${show(secret)} is not the secret of app ${app.appId}` : `Header appSecret is ${shownBlank(secret)}`
    const sentence = `${seen}; kakao.apps has the appSecret of app ${app.appId}.`
    return unauthenticated('Invalid appSecret', sentence, wrongHeader(request, 'appsecret', app.appSecret))
  }
  const authorization = request.header('authorization')
  const expected = wrongHeader(request, 'authorization', `KakaoAK ${app.adminKey}`)
  if (authorization === undefined || authorization === '') {
    if (adminKey === 'optional') return { kind: 'admitted', app }
    return unauthenticated(
      'Invalid admin key',
      `Header Authorization is ${shownBlank(authorization)}; send "KakaoAK {admin key}".`,
      expected,
    )
  }
  const key = /^KakaoAK (\S+)$/i.exec(authorization)?.[1]
  if (key === app.adminKey) return { kind: 'admitted', app }
  if (guard !== undefined) await countBadKey(db, app.appId, { address: request.address, now: now.getTime(), guard })
  return unauthenticated(
    'Invalid admin key',
    key === undefined
      ? `Authorization ${show(authorization)} is not of the form "KakaoAK {admin key}".`
      : `Admin key ${show(key)} is not the adminKey of app ${app.appId}; kakao.apps has it.`,
    expected,
  )
}

/** Counts a wrong key, and blocks the address if one minute has `guard` wrong keys. */
async function countBadKey(db: Db, appId: string, wrong: { address: string; now: number; guard: number }): Promise<void> {
  const { address, now, guard } = wrong
  const counted = (await db.badAdminKeys.get(appId, address))?.at ?? []
  // Calls may commit in another order than they began, so later attempts may be counted already.
  const at = [...counted.filter((time) => Math.abs(time - now) < minute), now].toSorted((a, b) => a - b)
  const blocked = at.some((first, index) => (at[index + guard - 1] ?? Infinity) - first < minute)
  db.badAdminKeys.put({ appId, address, at, blocked })
}

const minute = 60_000

function unauthenticated(desc: string, sentence: string, expected: Refusal['expected'] = []): Refusal {
  return { kind: 'refused', status: 401, outcome: 'unauthenticated', desc, sentence, expected }
}

function wrongHeader(request: Request, name: string, expected: string): Refusal['expected'] {
  return [expectedMember(['headers', name], request.header(name), expected)]
}

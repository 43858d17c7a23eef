import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { aStore, developerId, opened, refusalOf, seal, sealedBy, send, token } from './console.js'

describe('the purchase of the system itself', () => {
  const launcher = `/api/v1/developer/${developerId}/purchase?auth_token=${token}&user_agent=launcher`

  test('counts for the game whose key opens it', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' })
    const store = await aStore((seed) => seed.games.unshift({ package: 'tv.ouya.first', developerId, applicationPrivateKey: other }))

    const reply = await send(store, 'POST', launcher, seal({ identifier: 'sharp_axe', uuid: '1' }))

    expect(reply.status).toBe(200)
    expect(await opened(reply)).toMatchObject({ identifier: 'sharp_axe' })
    expect(await store.rows('ouya', 'purchases')).toMatchObject([{ package: 'tv.ouya.sample' }])
  })

  test('is refused with 2002 for an unknown developer and 1001 for a key that no game has', async () => {
    const store = await aStore()

    const unknown = await send(
      store,
      'POST',
      `/api/v1/developer/unknown/purchase?auth_token=${token}`,
      seal({ identifier: 'sharp_axe', uuid: '1' }),
    )
    const foreign = await send(store, 'POST', launcher, sealedBy({ application: true }))

    expect(await refusalOf(unknown)).toEqual({ status: 404, code: 2002 })
    expect(await refusalOf(foreign)).toEqual({ status: 400, code: 1001 })
  })

  test('is refused with 1001 where the developer has no game', async () => {
    const store = await aStore((seed) => seed.developers.push({ developerId: 'gameless', name: 'Gameless' }))

    const reply = await send(store, 'POST', `/api/v1/developer/gameless/purchase?auth_token=${token}`, seal({ identifier: 'x', uuid: '1' }))

    expect(await refusalOf(reply)).toEqual({ status: 400, code: 1001 })
  })
})

import { expect, test } from 'vitest'
import { aSandbox, post } from '../support/sandbox.js'
import { shop } from '../support/shop.js'

const aShop = () => aSandbox({ roster: [shop, { ...shop, id: 'other', hosts: [] }], seedDocument: {} })
const all = ['echoed 200', 'found 200', 'invalid 422', 'recorded 200', 'repeated 200', 'unknown 404', 'unreadable 400']

test('coverage tells which outcomes of the called vendors were met, and which never', async () => {
  const sandbox = await aShop()
  await sandbox.ask('/shop/purchases', post({ id: 'a' }))
  await sandbox.ask('/shop/purchases', post({ id: 'a' }))
  await sandbox.ask('/shop/purchases/b')
  await sandbox.ask('/shop/nothing/here')

  const met = ['recorded 200', 'repeated 200', 'unknown 404']
  const covered = { percent: 42.8, met, missing: all.filter((word) => !met.includes(word)) }
  expect(await sandbox.control('GET', 'coverage')).toEqual({ percent: 42.8, vendors: { shop: covered } })
})

test('what a fault said in the vendor’s place, or lost, was not met', async () => {
  const sandbox = await aShop()
  await sandbox.control('POST', 'faults', { match: {}, effect: { kind: 'drop' }, position: 'after', times: 1 })
  await sandbox.control('POST', 'faults', { match: { vendor: 'shop' }, effect: { kind: 'reply', name: 'invalid' }, times: 1 })
  await sandbox.ask('/shop/purchases', post({ id: 'a' })).catch(() => undefined)
  await sandbox.ask('/shop/purchases', post({ id: 'a' }))

  expect(await sandbox.control('GET', 'coverage')).toEqual({ percent: 0, vendors: { shop: { percent: 0, met: [], missing: all } } })
})

test('nothing called is nothing covered, and coverage outlives dropped entries', async () => {
  const sandbox = await aSandbox({ roster: [shop], seedDocument: {}, trafficLimit: 0 })
  expect(await sandbox.control('GET', 'coverage')).toEqual({ percent: 0, vendors: {} })

  await sandbox.ask('/shop/purchases', post({ id: 'a' }))

  expect(await sandbox.control('GET', 'coverage')).toMatchObject({ vendors: { shop: { met: ['recorded 200'] } } })
})

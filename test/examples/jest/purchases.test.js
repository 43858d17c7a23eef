import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createSandbox } from 'coinslot'
import { gems } from './gems.js'

// Jest runs modules with: node --experimental-vm-modules node_modules/jest/bin/jest.js
let sandbox
let shop

beforeAll(async () => {
  sandbox = await createSandbox({ memory: true, port: 0 })
})
beforeEach(async () => {
  await sandbox.reset()
  shop = gems({ mbaasy: sandbox.urlFor('mbaasy'), token: 'test-token' })
})
afterAll(() => sandbox.close())

test('a genuine purchase gives gems', async () => {
  const receipt = await sandbox.receipts.googlePlay({ packageName: 'com.example.game', productId: 'gems.10' })

  expect(await shop.redeem('ann', receipt)).toBe('given')
  expect(shop.owned('ann')).toBe(10)
})

test('a forged purchase gives none', async () => {
  const receipt = await sandbox.receipts.googlePlay({ packageName: 'com.example.game', productId: 'gems.10', tamper: 'signature' })

  expect(await shop.redeem('ann', receipt)).toBe('refused')
  expect(shop.owned('ann')).toBe(0)
  await sandbox.verify({ vendor: 'mbaasy', status: 402, times: 1 })
})

test('a purchase of another app gives none', async () => {
  const receipt = await sandbox.receipts.googlePlay({ packageName: 'com.other.game', productId: 'gems.10' })

  expect(await shop.redeem('ann', receipt)).toBe('refused')
})

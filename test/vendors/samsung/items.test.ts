import { describe, expect, test } from 'vitest'
import type { TestSandbox } from '../../support/sandbox.js'
import { act, ask, aStore, mint, mintSubscription, purchasePath } from './requests.js'

const deliver = (sandbox: TestSandbox, id: string, body: object) => ask(sandbox, 'PATCH', purchasePath(id), { body })
const succeeded = (id: string) => ({ purchaseId: id, statusCode: '0', statusString: 'success.' })

describe('a delivered purchase', () => {
  test('is acknowledged, and acknowledging it again succeeds and changes nothing', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)

    const replies = [
      await deliver(sandbox, purchaseId, { action: 'acknowledge' }),
      await deliver(sandbox, purchaseId, { action: 'acknowledge' }),
    ]

    const body = { code: '0000', message: 'Success', totalCount: 1, purchaseItemList: [succeeded(purchaseId)] }
    expect(replies.map(({ status, body: sent, entry }) => [status, sent, entry.outcome])).toEqual([
      [200, body, 'acknowledged'],
      [200, body, 'repeated'],
    ])
    expect(await sandbox.rows('marketplace', 'purchases')).toMatchObject([{ acknowledgedAt: '2026-01-01T00:00:00.000Z' }])
  })

  test('is consumed once, which acknowledges it as well', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)

    const first = await deliver(sandbox, purchaseId, { action: 'consume' })
    const second = await deliver(sandbox, purchaseId, { action: 'consume' })

    expect([first.status, first.entry.outcome]).toEqual([200, 'consumed'])
    expect([second.status, second.body]).toEqual([400, { code: 'SLR_4010', message: 'Already consumed' }])
    expect(await sandbox.rows('marketplace', 'purchases')).toMatchObject([
      { consumedAt: '2026-01-01T00:00:00.000Z', acknowledgedAt: '2026-01-01T00:00:00.000Z' },
    ])
  })

  test('is reached by both documented paths', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)

    const reply = await ask(sandbox, 'PATCH', `/iap/v6/applications/com.example.game/purchases/${purchaseId}`, {
      body: { action: 'consume' },
    })

    expect([reply.status, reply.entry.outcome]).toEqual([200, 'consumed'])
  })

  test('is accompanied by a list, each of whose purchases has its own result', async () => {
    const sandbox = await aStore()
    const [one, two, three] = [await mint(sandbox), await mint(sandbox), await mint(sandbox, { app: 'com.example.other' })]
    await deliver(sandbox, two.purchaseId, { action: 'consume' })
    const unknown = 'f'.repeat(64)

    const list = [two.purchaseId, { purchaseId: three.purchaseId }, unknown, one.purchaseId]
    const { status, body, entry } = await deliver(sandbox, one.purchaseId, { action: 'consume', purchasedIdList: list })

    expect([status, entry.outcome]).toEqual([200, 'consumed'])
    expect(body).toEqual({
      code: '0000',
      message: 'Success',
      totalCount: 4,
      purchaseItemList: [
        succeeded(one.purchaseId),
        { purchaseId: two.purchaseId, statusCode: 'SLR_4010', statusString: 'Already consumed' },
        { purchaseId: three.purchaseId, statusCode: 'SLR_4008', statusString: 'Invalid purchase id' },
        { purchaseId: unknown, statusCode: 'SLR_4008', statusString: 'Invalid purchase id' },
      ],
    })
  })

  test('of a subscription is acknowledged and not consumed', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mintSubscription(sandbox)

    expect((await deliver(sandbox, purchaseId, { action: 'consume' })).body['code']).toBe('SLR_4008')
    expect((await deliver(sandbox, purchaseId, { action: 'acknowledge' })).status).toBe(200)
  })

  test('that was refunded is not delivered', async () => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)
    await act(sandbox, purchaseId, 'refund')

    for (const action of ['consume', 'acknowledge']) {
      const { status, body, entry } = await deliver(sandbox, purchaseId, { action })
      expect([status, body, entry.outcome]).toEqual([400, { code: 'SLR_4009', message: 'Invalid purchase status' }, 'item-refunded'])
      expect(entry.explanation).toContain(`was refunded at 2026-01-01T00:00:00.000Z, so there is nothing to ${action}`)
    }
  })

  test.each([
    ['no action', {}, '/body/action'],
    ['an unknown action', { action: 'eat' }, '/body/action'],
    ['a string in place of a list', { action: 'consume', purchasedIdList: 'x' }, '/body/purchasedIdList'],
    ['a list of numbers', { action: 'consume', purchasedIdList: [1] }, '/body/purchasedIdList'],
  ])('is refused with %s', async (_what, body, pointer) => {
    const sandbox = await aStore()
    const { purchaseId } = await mint(sandbox)

    const reply = await deliver(sandbox, purchaseId, body)

    expect([reply.status, reply.body['code'], reply.entry.expected.map((member) => member.pointer)]).toEqual([400, '106', [pointer]])
  })

  test('stays legal for Game of Whales, whether it is consumed or refunded', async () => {
    const sandbox = await aStore()
    const { purchaseId, unityReceipt } = (await mint(sandbox)) as { purchaseId: string; unityReceipt?: string }
    await deliver(sandbox, purchaseId, { action: 'consume' })
    await act(sandbox, purchaseId, 'refund')

    const { vendors } = (await sandbox.control('POST', 'receipts/inspect', { receipt: unityReceipt })) as { vendors: object[] }

    expect(vendors).toContainEqual({ vendor: 'gameofwhales', answer: 'legal' })
    expect(vendors).toContainEqual(expect.objectContaining({ vendor: 'samsung' }))
  })
})

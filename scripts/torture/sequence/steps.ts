import fc from 'fast-check'

/** Workspaces that steps choose from. */
export const workspaceNames = ['default', 'ci-1', 'ci-2'] as const
export type WorkspaceName = (typeof workspaceNames)[number]

export const vendorIds = ['teak', 'kakao', 'gameofwhales', 'ouya', 'mbaasy'] as const
export type VendorId = (typeof vendorIds)[number]

/** A purchase, or another request, as the client of a vendor sends it. */
export type VendorCall =
  | { vendor: 'teak'; call: 'purchase'; id: number | null; user: string; amount: number; hasSecret: boolean }
  | { vendor: 'teak'; call: 'remove'; user: string }
  | { vendor: 'teak'; call: 'identify'; user: string }
  | { vendor: 'kakao'; call: 'log'; order: number; price: string; hasSecret: boolean }
  | {
      vendor: 'gameofwhales'
      call: 'receipt'
      transaction: number
      user: string
      hundredthsOfCents: number
      receipt: 'legal' | 'illegal' | 'undefined'
    }
  | { vendor: 'gameofwhales'; call: 'purchase'; transaction: number | null; user: string; hundredthsOfCents: number }
  | { vendor: 'ouya'; call: 'buy'; uuid: number; identifier: string; hasToken: boolean }
  | {
      vendor: 'mbaasy'
      call: 'upload'
      token: number
      state: ClaimedState
      hasOrderId: boolean
      isForged: boolean
      hasToken: boolean
      user: string
    }

/** State of a purchase in Google Play purchase data. */
export type ClaimedState = 'purchased' | 'cancelled' | 'refunded' | 'pending'

/** A call of the control API, or a restart of the process. */
export type ControlCall =
  | { control: 'wallet'; balance: number }
  | { control: 'store'; token: number; action: 'complete' | 'cancel' | 'refund' }
  | { control: 'upstream'; reachable: boolean }
  | { control: 'fault'; vendor: VendorId; position: 'before' | 'after'; effect: FaultEffect; times: number }
  | { control: 'clear faults' }
  | { control: 'clock'; at: number }
  | { control: 'advance'; seconds: number }
  | { control: 'real time' }
  | { control: 'snapshot'; name: number }
  | { control: 'restore'; name: number }
  | { control: 'reset' }
  | { control: 'drop' }
  | { control: 'restart'; how: 'stop' | 'kill' }

export type FaultEffect = 'reply' | 'drop' | 'garble'

/** One step of a sequence. It is plain data and needs no earlier step, so that any part of a sequence can be played alone. */
export type Step = { in: WorkspaceName } & (VendorCall | ControlCall)

const small = (max: number) => fc.integer({ min: 0, max })
const mostly = fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) })

/** True if the purchase data of a token never hold an order id, as those of test purchases. */
export const isWithoutOrderId = (token: number) => token % 4 === 3

/** Prices of Game of Whales are cents and may have a fraction. */
const hundredthsOfCents = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2_000_000 }))

const teakUser = fc.constantFrom('player-1', 'player-1', 'player-2', 'player-3')
const vendorCall: fc.Arbitrary<VendorCall> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      vendor: fc.constant('teak' as const),
      call: fc.constant('purchase' as const),
      id: fc.option(small(3), { freq: 6 }),
      user: teakUser,
      amount: fc.integer({ min: -1_000, max: 10_000 }),
      hasSecret: mostly,
    }),
  },
  { weight: 1, arbitrary: fc.record({ vendor: fc.constant('teak' as const), call: fc.constant('remove' as const), user: teakUser }) },
  { weight: 1, arbitrary: fc.record({ vendor: fc.constant('teak' as const), call: fc.constant('identify' as const), user: teakUser }) },
  {
    weight: 4,
    arbitrary: fc.record({
      vendor: fc.constant('kakao' as const),
      call: fc.constant('log' as const),
      order: small(5),
      price: fc.constantFrom('12.23', '1', '0.10', '99999999999999999999.99'),
      hasSecret: mostly,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      vendor: fc.constant('gameofwhales' as const),
      call: fc.constant('receipt' as const),
      transaction: small(4),
      user: fc.constantFrom('ann', 'bob'),
      hundredthsOfCents,
      receipt: fc.constantFrom('legal', 'legal', 'illegal', 'undefined'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      vendor: fc.constant('gameofwhales' as const),
      call: fc.constant('purchase' as const),
      transaction: fc.option(small(4), { freq: 3 }),
      user: fc.constantFrom('ann', 'bob'),
      hundredthsOfCents,
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      vendor: fc.constant('ouya' as const),
      call: fc.constant('buy' as const),
      uuid: small(7),
      identifier: fc.constantFrom('awesome_sauce', 'awesome_sauce', 'long_sword', 'sharp_axe', '__DECLINED__THIS_PURCHASE', 'nothing'),
      hasToken: mostly,
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      vendor: fc.constant('mbaasy' as const),
      call: fc.constant('upload' as const),
      token: small(3),
      state: fc.constantFrom<ClaimedState>('purchased', 'purchased', 'pending', 'pending', 'cancelled', 'refunded'),
      hasOrderId: fc.boolean(),
      isForged: mostly.map((is) => !is),
      hasToken: mostly,
      user: fc.constantFrom('ann', 'bob'),
    }),
  },
)

const controlCall: fc.Arbitrary<ControlCall> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ control: fc.constant('wallet' as const), balance: small(1_000) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      control: fc.constant('store' as const),
      token: small(3),
      action: fc.constantFrom('complete' as const, 'cancel' as const, 'refund' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ control: fc.constant('upstream' as const), reachable: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      control: fc.constant('fault' as const),
      vendor: fc.constantFrom(...vendorIds),
      position: fc.constantFrom('before' as const, 'after' as const),
      effect: fc.constantFrom<FaultEffect>('reply', 'drop', 'garble'),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ control: fc.constant('clear faults' as const) }) },
  { weight: 2, arbitrary: fc.record({ control: fc.constant('clock' as const), at: small(100_000) }) },
  { weight: 2, arbitrary: fc.record({ control: fc.constant('advance' as const), seconds: small(100_000) }) },
  { weight: 1, arbitrary: fc.record({ control: fc.constant('real time' as const) }) },
  { weight: 3, arbitrary: fc.record({ control: fc.constant('snapshot' as const), name: small(1) }) },
  { weight: 3, arbitrary: fc.record({ control: fc.constant('restore' as const), name: small(1) }) },
  { weight: 1, arbitrary: fc.record({ control: fc.constant('reset' as const) }) },
  { weight: 1, arbitrary: fc.record({ control: fc.constant('drop' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ control: fc.constant('restart' as const), how: fc.constantFrom('stop' as const, 'kill' as const) }),
  },
)

const step: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom(...workspaceNames, 'default' as const, 'default' as const),
    fc.oneof({ weight: 7, arbitrary: vendorCall }, { weight: 3, arbitrary: controlCall }),
  )
  .map(([workspace, call]) => ({ in: workspace, ...call }))

/** Returns the steps of a seed. A longer sequence begins with the steps of a shorter one. */
export function stepsOf(seed: number, count: number): Step[] {
  return fc.sample(step, { seed, numRuns: count })
}

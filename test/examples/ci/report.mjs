const teak = process.env.COINSLOT_TEAK_URL
if (!teak)
  throw new Error(
    'COINSLOT_TEAK_URL is not set. Run this with "coinslot exec", or set it to the address of a sandbox, such as http://127.0.0.1:4010/teak.',
  )
const order = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'order-1' }
const reply = await fetch(`${teak}/v2/purchase`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(order),
})
if (reply.status !== 200) throw new Error(`The purchase was not recorded: ${reply.status} ${await reply.text()}`)

// Asks the proxy of the profile `shared` as a load test would, and each replica behind it, and looks whether they are one sandbox.
import { connect } from 'node:net'

const proxy = 'http://proxy:4010'
const replicas = ['http://replica-1:4010', 'http://replica-2:4010', 'http://replica-3:4010']
const purchases = 300
let failures = 0

await reachable('proxy', 4010)

await check('each of 300 orders, reported three times at once through the proxy, is recorded once', async () => {
  const replies = await Promise.all(Array.from({ length: purchases * 3 }, (_, at) => purchase(proxy, `order-${at % purchases}`)))
  const isAccepted = replies.every(({ status }) => status === 200)
  const { total } = await control(proxy, 'tables/teak/purchases?limit=1')
  return isAccepted && total === purchases ? `${total} rows` : undefined
})

await check('every replica has answered some of them', async () => {
  const { entries } = await control(replicas[0], 'traffic?limit=1000')
  const numbers = new Set(entries.map(({ id }) => /^r-(?:(\d+)-)?\d+$/.exec(id)?.[1] ?? '1'))
  return numbers.size === replicas.length ? `replicas ${[...numbers].join(', ')}` : undefined
})

await check('what one replica recorded is a repeat for the others', async () => {
  for (const replica of replicas) if ((await purchase(replica, 'order-by-name')).status !== 200) return undefined
  const { entries } = await control(replicas[2], 'traffic?limit=3')
  const outcomes = entries.map(({ outcome }) => outcome).join()
  return outcomes === 'repeated,repeated,recorded' ? outcomes : undefined
})

await check('any replica answers a verification over all of them', async () => {
  for (const base of [proxy, ...replicas]) {
    const expected = { vendor: 'teak', outcome: 'recorded', times: purchases + 1 }
    const { ok, count } = await control(base, 'verify', expected)
    if (!ok) return failed(`${base} counts ${count}`)
  }
  return `${purchases + 1} recorded`
})

await check('a fault that one replica was told strikes as often as it says', async () => {
  await control(replicas[0], 'faults', { match: { vendor: 'teak' }, effect: { kind: 'reply', status: 503 }, times: 5 })
  const replies = await Promise.all(Array.from({ length: 30 }, (_, at) => purchase(proxy, `faulty-${at}`)))
  const struck = replies.filter(({ status }) => status === 503).length
  return struck === 5 ? `${struck} of ${replies.length}` : undefined
})

await check('a reset through the proxy empties every replica', async () => {
  await control(proxy, 'reset', {})
  const totals = await Promise.all(replicas.map(async (base) => (await control(base, 'tables/teak/purchases')).total))
  return totals.join() === '0,0,0' ? totals.join() : undefined
})

console.log(failures === 0 ? 'the replicas are one sandbox' : `${failures} checks failed`)
process.exitCode = failures === 0 ? 0 : 1

function purchase(base, platformId) {
  return send(`${base}/teak/v2/purchase`, {
    game_id: '123456',
    secret_key: 'server-secret',
    user_id: 'player-1',
    amount: 499,
    platform_id: platformId,
  })
}

async function control(base, path, body) {
  const reply = await send(`${base}/_sandbox/${path}`, body)
  const text = await reply.text()
  return text === '' ? {} : JSON.parse(text)
}

/** Sends each call on a separate connection, because the proxy distributes connections. */
function send(url, body) {
  const headers = { Connection: 'close', ...(body && { 'Content-Type': 'application/json' }) }
  return fetch(url, { headers, ...(body && { method: 'POST', body: JSON.stringify(body) }) })
}

function failed(why) {
  console.log(`  ${why}`)
  return undefined
}

async function check(what, ask) {
  let found
  try {
    found = await ask()
  } catch (error) {
    failed(error.cause?.message ?? error.message)
  }
  if (found === undefined) failures++
  console.log(`${found === undefined ? 'NO ' : 'yes'} ${what}${found === undefined ? '' : `: ${found}`}`)
}

/** Waits until the proxy accepts connections, because it has no health check. */
function reachable(host, port) {
  return new Promise((resolve) => {
    const attempt = () => {
      const socket = connect({ host, port })
      socket.once('connect', () => resolve(socket.destroy()))
      socket.once('error', () => setTimeout(attempt, 200))
    }
    attempt()
  })
}

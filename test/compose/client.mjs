// Asks every vendor by its real name on each of its ports over TLS, with the sandbox's authority as only further trust.
import { readdirSync } from 'node:fs'

const { vendors } = await (await fetch('https://coinslot:4010/_sandbox/vendors')).json()
let failures = 0

for (const { id, hosts, ports } of vendors) {
  for (const host of hosts) {
    for (const port of ports) {
      // Port 80 answers TLS as well; what a real client sends there is plain HTTP.
      const origin = `${port === 80 ? 'http' : 'https'}://${host}:${port}`
      await check(`${id} ${origin}`, async () => {
        const reply = await fetch(`${origin}/no-such-path`)
        const entry = reply.headers.get('x-sandbox-request')
        return entry ? `${reply.status}, traffic entry ${entry}` : undefined
      })
    }
  }
}

await check('teak a purchase by its real name', async () => {
  const fields = { game_id: '123456', secret_key: 'server-secret', user_id: 'player-1', amount: 499, platform_id: 'compose-1' }
  const reply = await fetch('https://api.gocarrot.com/v2/purchase', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fields),
  })
  const text = await reply.text()
  return reply.status === 200 && text === '{"code":200}' ? text : undefined
})

await check('the control API is not served under a vendor name', async () => {
  const reply = await fetch('https://api.gocarrot.com/_sandbox/health')
  return reply.status === 404 && reply.headers.get('x-sandbox-request') ? '404 in the vendor’s words' : undefined
})

await check('the shared volume holds the certificate alone', async () => {
  const files = readdirSync('/ca')
  return files.join() === 'ca.pem' ? 'ca.pem' : undefined
})

console.log(failures === 0 ? 'every vendor answered by its real name' : `${failures} checks failed`)
process.exitCode = failures === 0 ? 0 : 1

async function check(what, ask) {
  let found
  try {
    found = await ask()
  } catch (error) {
    found = undefined
    console.log(`  ${error.cause?.message ?? error.message}`)
  }
  if (found === undefined) failures++
  console.log(`${found === undefined ? 'NO ' : 'yes'} ${what}${found === undefined ? '' : `: ${found}`}`)
}

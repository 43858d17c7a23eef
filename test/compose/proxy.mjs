// A small proxy for the profile `shared` of docker-compose.yml: each connection goes to the next of the replicas in COINSLOT_REPLICAS
// (host:port, comma-separated); one that takes no connections is passed over.
import { connect, createServer } from 'node:net'

const replicas = (process.env.COINSLOT_REPLICAS ?? '').split(',').map((address) => {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) }
})
let next = 0

const server = createServer({ allowHalfOpen: true }, (client) => {
  // Nothing is read before the connection to the replica is open.
  client.pause()
  client.on('error', () => client.destroy())
  reach(client, replicas.length)
})
server.listen(Number(process.env.COINSLOT_PROXY_PORT ?? 4010), process.env.COINSLOT_PROXY_HOST ?? '0.0.0.0', () => {
  const { address, port } = server.address()
  process.stdout.write(`proxy listening on http://${address}:${port}\n`)
})
process.on('SIGTERM', () => process.exit(0))

/** Joins a client with the next replica that can be reached. */
function reach(client, tries) {
  if (tries === 0) return client.destroy()
  const replica = connect({ ...replicas[next++ % replicas.length], allowHalfOpen: true })
  const passOver = () => reach(client, tries - 1)
  replica.once('error', passOver)
  replica.once('connect', () => {
    replica.off('error', passOver)
    replica.on('error', () => client.destroy())
    client.on('close', () => replica.destroy())
    replica.on('close', () => client.destroy())
    client.pipe(replica)
    replica.pipe(client)
  })
}

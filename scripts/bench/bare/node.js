// A server of node:http alone: the fastest that anybody would write by hand. It prints its port when it listens.
import { createServer } from 'node:http'
import { handlers } from './handlers.js'

const server = createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const handle = handlers[request.url]
    const { status, type, text } = handle ? handle(Buffer.concat(chunks).toString()) : { status: 404, type: 'text/plain', text: '' }
    response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) })
    response.end(text)
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))

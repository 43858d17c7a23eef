// The same on Hono with its Node adapter. It prints its port when it listens.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { handlers } from './handlers.js'

const app = new Hono()
for (const [path, handle] of Object.entries(handlers)) {
  app.post(path, async (c) => {
    const { status, type, text } = handle(await c.req.text())
    return c.body(text, status, { 'Content-Type': type })
  })
}
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.stdout.write(`${port}\n`))

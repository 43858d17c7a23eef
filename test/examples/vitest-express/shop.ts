import express from 'express'

/** A web shop of a game: it takes an order and reports it to Teak, and retries after a pause if Teak does not answer. */
export function shop({ teak, pauseMs = 50 }: { teak: string; pauseMs?: number }) {
  const app = express()
  app.use(express.json())
  app.post('/orders', async (request, response) => {
    const { id, player, cents } = request.body as { id: string; player: string; cents: number }
    const reported = await report({ id, player, cents })
    response.status(reported ? 201 : 502).json({ id, reported })
  })
  return app

  async function report(order: { id: string; player: string; cents: number }): Promise<boolean> {
    const body = { game_id: '123456', secret_key: 'server-secret', user_id: order.player, amount: order.cents, platform_id: order.id }
    for (let attempt = 1; attempt <= 3; attempt++) {
      try {
        const answer = await fetch(`${teak}/v2/purchase`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        })
        if (answer.ok) return true
        if (answer.status < 500) return false
      } catch {
        // The connection broke; Teak may have recorded the order or not, so the same id is sent again.
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
    return false
  }
}

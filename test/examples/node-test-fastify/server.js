import Fastify from 'fastify'

/** A game server that writes a purchase log to Kakao for every order, and says so when Kakao is not there. */
export function gameServer({ kakao, app }) {
  const server = Fastify()
  server.post('/orders', async (request, reply) => {
    const { player, product, price, orderId, purchaseToken } = request.body
    const answer = await fetch(`${kakao}/service/v3/log/writePurchaseLog`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json;charset=UTF-8',
        appId: app.id,
        appSecret: app.secret,
        playerId: player,
        Authorization: `KakaoAK ${app.adminKey}`,
      },
      body: JSON.stringify({
        currency: 'KRW',
        price,
        os: 'android',
        country: 'kr',
        market: 'googlePlay',
        marketProductId: product,
        marketOrderId: orderId,
        purchaseToken,
        marketPurchaseTime: Date.now(),
      }),
    })
    const { logId, desc } = await answer.json()
    if (answer.ok) return reply.code(201).send({ logId })
    return reply.code(answer.status === 503 ? 503 : 502).send({ why: desc })
  })
  return server
}

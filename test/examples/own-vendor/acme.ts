import { defineVendor, evidence, json, readJsonObject, repeated, table, z, type Call } from 'coinslot'

/** Acme's tables. A seed can have rows of both; `games` has the accepted credentials. */
const tables = {
  games: table(z.strictObject({ game: z.string(), secret: z.string() }), ['game']),
  purchases: table(
    z.strictObject({ game: z.string(), order: z.string(), player: z.string(), cents: z.int() }),
    ['game', 'order'],
    {},
    // For the inspector's Purchases view.
    ({ order, player, cents }) => ({ player, ids: [order], amount: `${(cents / 100).toFixed(2)} USD` }),
  ),
}

/** A purchase report as sent; unknown members are ignored. */
const report = z.looseObject({ game: z.string(), secret: z.string(), order: z.string(), player: z.string(), cents: z.int().min(1) })

/** Acme: one call, which records each purchase once. */
export const acme = defineVendor<typeof tables>({
  id: 'acme',
  title: 'Acme',
  baseUrls: ['https://api.acme.test'],
  hosts: ['api.acme.test'],
  ports: [443],
  tables,
  routes: [
    {
      method: 'POST',
      path: '/purchases',
      summary: 'Report a purchase',
      evidence: evidence('inferred', 'made up for this example', ['refunds are not modelled']),
      request: { json: report, example: { game: 'demo', secret: 'sesame', order: 'o-1', player: 'ann', cents: 499 } },
      outcomes: { recorded: 201, repeated: repeated(200), invalid: 422, unauthenticated: 401 },
      handle: record,
    },
  ],
  failureReply: (failure) =>
    json(failure.kind === 'not-found' || failure.kind === 'method-not-allowed' ? 404 : 500, { error: failure.kind }),
  replies: { busy: { status: 503, summary: 'Acme is busy', reply: () => json(503, { error: 'busy' }) } },
  notModelled: ['refunds'],
})

/** Reads the body, decides in one transaction, explains the outcome and replies. */
async function record(call: Call<typeof tables>) {
  const body = readJsonObject(call.request.body)
  const sent = report.safeParse(body.ok ? body.value : undefined)
  if (!sent.success) {
    call.explain('invalid', `The body is not a purchase report: ${sent.error.issues[0]?.message}.`)
    return json(422, { error: 'invalid' })
  }
  const { game, secret, order, player, cents } = sent.data
  const outcome = await call.transact(async (db) => {
    if ((await db.games.get(game))?.secret !== secret) return 'unauthenticated'
    if (await db.purchases.get(game, order)) return 'repeated'
    db.purchases.put({ game, order, player, cents })
    return 'recorded'
  })
  switch (outcome) {
    case 'unauthenticated':
      call.explain(outcome, `No row of acme.games has game ${game} with this secret.`, {
        expected: [{ pointer: '/body/secret', got: secret, expected: `the secret of game ${game} in acme.games` }],
      })
      return json(401, { error: 'unauthenticated' })
    case 'repeated':
      call.explain(outcome, `Order ${order} of game ${game} was reported before; nothing was recorded.`)
      return json(200, { order })
    case 'recorded':
      call.explain(outcome, `Player ${player} paid ${cents} cents; recorded as order ${order}.`)
      return json(201, { order })
  }
}

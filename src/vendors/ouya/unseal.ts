import { createPublicKey } from 'node:crypto'
import type { Unsealed, UnsealedLayer } from '../../contract.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { envelope } from '../../receipts/ouya/envelope.js'
import { openRequest, openResponse } from '../../receipts/ouya/messages.js'
import type { OpenedMessage } from '../../receipts/ouya/open.js'
import { parseObject } from '../../receipts/json-object.js'
import { formOf, tokenOf } from './form.js'
import { applicationKeyOf } from './sealed.js'
import type { Game, Gamer } from './tables.js'
import type { OuyaScope } from './calls.js'

/** Opens a purchase or a list of receipts for display: the console's layer, and the game's layer inside it. */
export async function unseal(scope: OuyaScope, request: Request, reply: Reply | null): Promise<Unsealed> {
  const form = formOf(request)
  const fields = form.ok ? form.value : {}
  const { token } = tokenOf(request, fields)
  const { gamers, games } = await scope.transact(async (db) => ({
    gamers: token === undefined ? [] : await db.gamers.where('byToken', token),
    games: await db.games.list(),
  }))
  const gamer = gamers[0]
  // The game that the path names comes first, because its key fits.
  const named = /^\/api\/v1\/games\/([^/]+)\//.exec(request.path)?.[1]
  const tried = games.toSorted((a, b) => Number(b.package === named) - Number(a.package === named))
  const sealed = envelope.safeParse(fields)
  const body = reply && bodyOf(reply)
  return {
    request: sealed.success
      ? layersOf(
          mostOpened(tried, (game) =>
            openRequest(sealed.data, {
              gamerPublicKey: keyOf(gamer?.key, (text) => scope.keys.publicKey(text)),
              applicationPrivateKey: applicationKeyOf(scope, game),
            }),
          ),
          gamer,
        )
      : [],
    reply:
      body && envelope.safeParse(body).success
        ? layersOf(
            mostOpened(tried, (game) =>
              openResponse(body, {
                gamerPrivateKey: keyOf(gamer?.privateKey, (text) => scope.keys.privateKey(text)),
                applicationPublicKey: createPublicKey(applicationKeyOf(scope, game)),
              }),
            ),
            gamer,
          )
        : [],
  }
}

function mostOpened(games: readonly Game[], open: (game: Game) => OpenedMessage): { opened: OpenedMessage; game: Game } | undefined {
  let best: { opened: OpenedMessage; game: Game } | undefined
  for (const game of games) {
    const opened = open(game)
    if (opened.ok) return { opened, game }
    if (!best || opened.layers.length > best.opened.layers.length) best = { opened, game }
  }
  return best
}

function layersOf(found: { opened: OpenedMessage; game: Game } | undefined, gamer: Gamer | undefined): UnsealedLayer[] {
  if (!found) return [{ title: 'Sealed', text: null, note: 'ouya.games is empty, so there is no key to open it with.' }]
  const { opened, game } = found
  const who = gamer?.username ?? 'an unknown gamer'
  const titles = opened.plain
    ? { outer: 'Outer layer, plain: nothing was encrypted', inner: 'Inner layer, plain' }
    : { outer: `Outer layer, opened with the key of ${who}`, inner: `Inner layer, opened with the key of ${game.package}` }
  const layers = opened.layers.map(({ name, key, text }) => ({ title: titles[name], text, ...(key && { note: `AES key ${key}` }) }))
  if (opened.ok) return layers
  return [
    ...layers,
    { title: layers.length === 0 ? 'Outer layer' : 'Inner layer', text: null, note: `It does not open: ${opened.reason}.` },
  ]
}

function bodyOf({ body }: Reply): Record<string, unknown> | undefined {
  const read = parseObject(typeof body === 'string' ? body : Buffer.from(body).toString())
  return read.ok ? read.value : undefined
}

function keyOf<K>(text: string | undefined, parse: (text: string) => { ok: true; key: K } | { ok: false; reason: string }): K | null {
  const parsed = text === undefined ? undefined : parse(text)
  return parsed?.ok ? parsed.key : null
}

import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Call, VendorTables } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { keyFrom } from '../../kernel/table.js'
import { brief, show } from '../../kernel/show.js'
import { bareEvent } from './events.js'
import { placeUser } from './experiments.js'
import { exampleEnvelope, serve, type ServedMethod } from './method.js'
import { encryptPayload } from './payload-cipher.js'
import { unknownGame, unknownUser } from './refusals.js'
import type { Game, Offer, tables } from './tables.js'
import { userAnswer, warningsOf, type OwnPart } from './user-answer.js'

/** Returns the method's part of the reply for a user, and the number of its elements. */
type List = (db: VendorTables<typeof tables>, of: { game: Game; user: string; now: number }) => Promise<{ own: OwnPart; count: number }>

const offerShape = z.looseObject({ camp: z.string(), payload: z.string().optional() })

/** Methods that only read. They do not create a user: an unknown one gets the error that the vendor documents. */
export const offerMethods: readonly ServedMethod[] = [
  lookUp('offers', 'List the special offers of a user', {
    gaps: ['offers stay listed until their row goes; their payload is made where the row has none'],
    own: { offers: z.record(z.string(), offerShape) },
    list: offersWhere('offers', (isFuture) => !isFuture),
  }),
  lookUp('futureOffers', 'List the special offers a user will get', {
    gaps: ['offers stay in the future until their row says otherwise'],
    own: { futureOffers: z.record(z.string(), offerShape) },
    list: offersWhere('futureOffers', (isFuture) => isFuture),
  }),
  lookUp('ads', 'List the cross-promotion advertisements for a user', {
    gaps: [
      'there are none: the form of an advertisement is not public',
      'the page calls common.expId required, which users without an experiment could not send; it is optional',
    ],
    own: { ads: z.record(z.string(), z.unknown()) },
    list: async () => ({ own: { ads: {} }, count: 0 }),
  }),
]

interface LookUp {
  gaps: readonly string[]
  own: z.ZodRawShape
  list: List
}

function lookUp(name: string, summary: string, { gaps, own, list }: LookUp): ServedMethod {
  const commonGaps = ['the status of the documented error is that of restify-errors', 'problems follow ajv 6']
  return serve({
    name,
    summary,
    evidence: evidence('documented', `vendor page, ${name} (in part)`, [...gaps, ...commonGaps]),
    event: bareEvent,
    outcomes: { listed: 200, 'unknown-user': 500 },
    own,
    example: { ...exampleEnvelope, user: '3A15982E-C4CB-0000-0000-D88861BA0C49' },
    async work(call: Call<typeof tables>, version, input) {
      const found = await call.transact(async (db) => {
        const game = await db.games.get(input.game)
        const user = game && (await db.users.get(input.game, input.user))
        if (!game || !user) return { game }
        const participation = await placeUser(db, user, input.common.expId)
        return { game, participation, part: await list(db, { game, user: input.user, now: call.now.getTime() }) }
      })
      if (!found.game) return unknownGame(call, version, input.game)
      if (!found.participation) return unknownUser(call, version, input)
      const { game, participation, part } = found
      const details = { version, game, participation, now: call.now, own: part.own, warnings: input.warnings }
      call.explain('listed', `User ${brief(input.user)} of game ${show(input.game)} has ${part.count} in ${name}.`, {
        warnings: warningsOf(details),
      })
      return userAnswer(details)
    },
  })
}

function offersWhere(member: 'offers' | 'futureOffers', isListed: (isFuture: boolean) => boolean): List {
  return async (db, { game, user, now }) => {
    const rows = (await db.offers.where('byUser', keyFrom([game.game, user]))).filter(({ future }) => isListed(future === true))
    const entries = rows.map((row) => [row.product, offerAnswer(row, { payloadKey: game.payloadKey, now })])
    return { own: { [member]: Object.fromEntries(entries) }, count: rows.length }
  }
}

/** A special offer in the reply: defaults for what its row leaves out, and a payload that is encrypted for this reply. */
function offerAnswer(offer: Offer, { payloadKey, now }: { payloadKey: Game['payloadKey']; now: number }): object {
  const { game: _game, user, product, future: _future, payload, ...given } = offer
  const terms = { camp: campOf(offer), countFactor: 1, priceFactor: 1, redeemable: true, ...given }
  const rest = given.rest ?? (given.finishedAt === undefined ? undefined : Math.max(0, given.finishedAt - now))
  const { camp, custom, priceFactor, countFactor, finishedAt, redeemable, activatedAt } = terms
  // The members are in the order of the vendor's example; JSON.stringify leaves out absent ones.
  const sealed = { camp, custom, product, priceFactor, countFactor, finishedAt, redeemable, activatedAt, user, now }
  return { ...terms, rest, payload: payload ?? (payloadKey === undefined ? undefined : encryptPayload(sealed, payloadKey)) }
}

/** A campaign id for rows without one: 24 hex digits, always the same. */
function campOf({ game, user, product }: Offer): string {
  return createHash('sha256')
    .update(JSON.stringify([game, user, product]))
    .digest('hex')
    .slice(0, 24)
}

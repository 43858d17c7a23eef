import { z } from 'zod'
import type { Call, VendorTables } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { keyFrom } from '../../kernel/table.js'
import { bareEvent } from './events.js'
import { placeUser } from './experiments.js'
import { exampleEnvelope, serve, type ServedMethod } from './method.js'
import { offerAnswer } from './offers.js'
import { unknownGame, unknownUser } from './refusals.js'
import { brief } from './shown.js'
import type { Game, tables } from './tables.js'
import { userAnswer, warningsOf, type OwnPart } from './user-answer.js'

/** What a method shows of a user, and how many there are. */
type Show = (db: VendorTables<typeof tables>, of: { game: Game; user: string; now: number }) => Promise<{ own: OwnPart; count: number }>

const offer = z.looseObject({ camp: z.string(), payload: z.string().optional() })

/** Methods that look something up and create nobody: an unknown user gets the one error the vendor documents. */
export const offerMethods: readonly ServedMethod[] = [
  lookUp('offers', 'List the special offers of a user', {
    gaps: ['offers stay listed until their row goes; their payload is made where the row has none'],
    own: { offers: z.record(z.string(), offer) },
    show: offersWhere('offers', (isFuture) => !isFuture),
  }),
  lookUp('futureOffers', 'List the special offers a user will get', {
    gaps: ['offers stay in the future until their row says otherwise'],
    own: { futureOffers: z.record(z.string(), offer) },
    show: offersWhere('futureOffers', (isFuture) => isFuture),
  }),
  lookUp('ads', 'List the cross-promotion advertisements for a user', {
    gaps: [
      'there are none: the form of an advertisement is not public',
      'the page calls common.expId required, which nobody outside of an experiment could send; it is optional',
    ],
    own: { ads: z.record(z.string(), z.unknown()) },
    show: async () => ({ own: { ads: {} }, count: 0 }),
  }),
]

interface LookUp {
  gaps: readonly string[]
  own: z.ZodRawShape
  show: Show
}

function lookUp(name: string, summary: string, { gaps, own, show }: LookUp): ServedMethod {
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
        return { game, participation, shown: await show(db, { game, user: input.user, now: call.now.getTime() }) }
      })
      if (!found.game) return unknownGame(call, version, input.game)
      if (!found.participation) return unknownUser(call, version, input)
      const { game, participation, shown } = found
      const details = { version, game, participation, now: call.now, own: shown.own }
      call.explain('listed', `User ${brief(input.user)} of game ${input.game} has ${shown.count} in ${name}.`, {
        warnings: warningsOf(details),
      })
      return userAnswer(details)
    },
  })
}

function offersWhere(member: 'offers' | 'futureOffers', isShown: (isFuture: boolean) => boolean): Show {
  return async (db, { game, user, now }) => {
    const rows = (await db.offers.where('byUser', keyFrom([game.game, user]))).filter(({ future }) => isShown(future === true))
    const entries = rows.map((row) => [row.product, offerAnswer(row, { payloadKey: game.payloadKey, now })])
    return { own: { [member]: Object.fromEntries(entries) }, count: rows.length }
  }
}

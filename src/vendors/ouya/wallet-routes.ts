import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { money } from './catalog.js'
import { show } from '../../kernel/show.js'
import { expectedFields } from './expected.js'
import { grant, refuse } from './replies.js'
import { empty, outcomes, tokenForm, tokenQuery } from './shapes.js'
import type { tables } from './tables.js'
import { withGamer } from './calls.js'

const wallet: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/wallet',
  summary: 'Balance and card',
  evidence: evidence('recorded', 'store API documentation, wallet page', [
    'requiresPaymentMethod is always true, as in both recordings; what it depends on is not known',
  ]),
  request: { query: tokenQuery },
  ...outcomes(
    {
      outcomes: ['shown'],
      description: 'The wallet',
      schema: z.object({
        balance: z.number().describe('In currency units'),
        currency: z.string(),
        requiresPaymentMethod: z.boolean(),
        credit_card: z.object({ provider: z.string(), last_four: z.string(), expires_at: z.string() }).nullable(),
      }),
      example: { balance: 0, currency: 'EUR', requiresPaymentMethod: true, credit_card: null },
    },
    ['invalid-token'],
  ),
  handle: (call) =>
    withGamer(call, async ({ gamer: { username, balance = 0, currency = 'USD', creditCard: card } }) => {
      const shown = card && { provider: card.provider, last_four: card.lastFour, expires_at: card.expiresAt }
      const sentence = `The wallet of ${username} holds ${money(balance)} ${currency}; ${card ? `the card ends in ${card.lastFour}` : 'there is no card'}.`
      return grant('shown', sentence, { balance: balance / 100, currency, requiresPaymentMethod: true, credit_card: shown ?? null })
    }),
}

const cardEvidence = evidence('recorded', 'store API documentation, credit_card pages', [
  'card data goes to a third party that is not modelled; the card that is stored afterwards is made up and never expires',
])
const cardQuery = tokenQuery.extend({ zipcode: z.string().optional() })

const prepareCard: Route<typeof tables> = {
  method: 'POST',
  path: '/api/v1/credit_card',
  summary: 'Begin to enter a card',
  evidence: cardEvidence,
  request: { query: cardQuery, form: tokenForm },
  ...outcomes(
    {
      outcomes: ['card-prepared'],
      description: 'Address and token for entering a card',
      schema: z.object({ one_time_token: z.string(), redirect_url: z.string() }),
    },
    ['invalid-token', 'required-parameter-not-provided'],
  ),
  handle: (call) =>
    withGamer(call, async ({ db, gamer }) => {
      const cardToken = call.ids.bytes(32).toString('hex').toUpperCase()
      db.gamers.put({ ...gamer, cardToken })
      const sentence = `${gamer.username} can enter a card; PUT /api/v1/credit_card stores it, whatever the third party replies.`
      return grant('card-prepared', sentence, { one_time_token: cardToken, redirect_url: 'https://ott9.wpstn.com/live/' })
    }),
}

const storeCard: Route<typeof tables> = {
  method: 'PUT',
  path: '/api/v1/credit_card',
  summary: "Forward the card processor's answer",
  evidence: cardEvidence,
  request: {
    query: cardQuery.extend({ body: z.string().optional().describe("The processor's answer, with its headers") }),
    form: tokenForm,
  },
  ...outcomes(
    {
      outcomes: ['card-stored'],
      description: 'Stored',
      schema: z.object({ country: z.null(), success: z.literal(true) }),
      example: { country: null, success: true },
    },
    ['invalid-token', 'required-parameter-not-provided'],
  ),
  handle: (call) =>
    withGamer(call, async ({ db, gamer }) => {
      const { cardToken: _, ...rest } = gamer
      const expiresAt = `12/31/${call.now.getUTCFullYear() + 2}`
      db.gamers.put({ ...rest, creditCard: { provider: 'MasterCard', lastFour: '1234', expiresAt } })
      return grant('card-stored', `${gamer.username} now has a card; it is made up, because its data goes to a third party.`, {
        country: null,
        success: true,
      })
    }),
}

const versions = { marketplace: 2, privacy: 0 }
const agreementsEvidence = evidence('recorded', 'store API documentation, agreements pages', [
  'required versions are always the recorded ones',
])

const agreements: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/gamers/me/agreements',
  summary: 'Which agreements are required and agreed to',
  evidence: agreementsEvidence,
  request: { query: tokenQuery },
  ...outcomes(
    {
      outcomes: ['shown'],
      description: 'Versions',
      schema: z.object({
        marketplace_required_version: z.int(),
        marketplace: z.int(),
        privacy_required_version: z.int(),
        privacy: z.int(),
      }),
      example: { marketplace_required_version: 2, marketplace: 2, privacy_required_version: 0, privacy: 0 },
    },
    ['invalid-token'],
  ),
  handle: (call) =>
    withGamer(call, async ({ gamer: { username, agreements: agreed = versions } }) =>
      grant(
        'shown',
        `${username} agreed to version ${agreed.marketplace} of the marketplace agreement; ${versions.marketplace} is required.`,
        {
          marketplace_required_version: versions.marketplace,
          marketplace: agreed.marketplace,
          privacy_required_version: versions.privacy,
          privacy: agreed.privacy,
        },
      ),
    ),
}

const agree: Route<typeof tables> = {
  method: 'PUT',
  path: '/api/v1/gamers/me/agreements',
  summary: 'Agree',
  evidence: agreementsEvidence,
  request: { query: tokenQuery, form: tokenForm.extend({ marketplace: z.string().optional(), privacy: z.string().optional() }) },
  ...outcomes({ outcomes: ['agreed'], description: 'Stored', schema: empty }, ['invalid-token', 'required-parameter-not-provided']),
  handle: (call) =>
    withGamer(call, async ({ db, gamer, form }) => {
      const { marketplace, privacy } = form
      for (const [name, value] of Object.entries({ marketplace, privacy })) {
        if (value !== undefined && !/^\d{1,9}$/.test(value))
          return refuse(
            'required-parameter-not-provided',
            `${name} is ${show(value)}; it takes the version that was agreed to, a whole number.`,
            { expected: expectedFields(form, { [name]: String(name === 'privacy' ? versions.privacy : versions.marketplace) }) },
          )
      }
      if (marketplace === undefined && privacy === undefined)
        return refuse('required-parameter-not-provided', 'The form has neither marketplace nor privacy, the version that was agreed to.', {
          expected: expectedFields(form, { marketplace: String(versions.marketplace) }),
        })
      const before = gamer.agreements ?? versions
      const after = { marketplace: Number(marketplace ?? before.marketplace), privacy: Number(privacy ?? before.privacy) }
      db.gamers.put({ ...gamer, agreements: after })
      return grant('agreed', `${gamer.username} agreed to marketplace ${after.marketplace}, privacy ${after.privacy}.`)
    }),
}

/** Wallet, card and agreements: acknowledged and stored without further rules. */
export const walletRoutes = [wallet, prepareCard, storeCard, agreements, agree]

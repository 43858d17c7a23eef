import type { VendorTables } from '../../contract.js'
import { brief } from '../../kernel/show.js'
import * as events from './events.js'
import type { ServedMethod } from './method.js'
import type { tables, User } from './tables.js'
import { userMethod } from './user-method.js'

/** Methods that create an unknown user, record the event and return the user's properties. */
export const userMethods: readonly ServedMethod[] = [
  userMethod({
    name: 'login',
    summary: 'Log a user in',
    event: events.bareEvent,
    level: 'sdk',
    source: 'vendor page, rest-api (name); REST client',
    gaps: ['no copy of the page was found; arguments are those of the REST client'],
    example: {},
  }),
  userMethod({
    name: 'profile',
    summary: 'Set properties of a user',
    event: events.profileEvent,
    level: 'sdk',
    source: 'vendor page, profile (in part); SDK documents',
    gaps: [
      'properties that were sent are answered back as custom ones; the vendor answers those configured in its dashboard',
      'more than 3000 properties in one call are refused, beyond 3000 in all they are dropped',
    ],
    example: { params: { level: 7, clan: 'whales' } },
    effect: keepProfile,
  }),
  userMethod({
    name: 'converting',
    summary: 'Report resources exchanged for each other',
    event: events.convertingEvent,
    level: 'documented',
    source: 'vendor page, converting (in part)',
    example: { resources: { gems: -5, coins: 1000 }, place: 'shop' },
  }),
  userMethod({
    name: 'consume',
    summary: 'Report a currency spent',
    event: events.consumeEvent,
    level: 'sdk',
    source: 'REST client; SDK sources',
    example: { amount: 5, currency: 'gems', sink: 'sword', place: 'shop' },
  }),
  userMethod({
    name: 'acquire',
    summary: 'Report a currency gained',
    event: events.acquireEvent,
    level: 'sdk',
    source: 'vendor page, acquire (in part); REST client',
    example: { amount: 5, currency: 'gems', source: 'quest', place: 'map' },
  }),
  userMethod({
    name: 'token',
    summary: 'Register a push token',
    event: events.tokenEvent,
    level: 'documented',
    source: 'vendor page, token (in part)',
    gaps: ['no push is ever sent'],
    example: { token: 'push-token-1', provider: 'fcm' },
  }),
  userMethod({
    name: 'experiment',
    summary: 'Get the experiment of a user',
    event: events.bareEvent,
    level: 'documented',
    source: 'vendor page, experiment (in part)',
    gaps: ['every user to whom an experiment is open takes part in it; the vendor draws lots'],
  }),
  userMethod({
    name: 'pushDelivered',
    summary: 'Report that a push arrived',
    event: events.campaignEvent,
    level: 'sdk',
    source: 'vendor page, rest-api (name); SDK sources',
    example: { camp: 'camp42' },
  }),
  userMethod({
    name: 'pushReacted',
    summary: 'Report that a push was tapped',
    event: events.campaignEvent,
    level: 'sdk',
    source: 'vendor page, rest-api (name); SDK sources',
    example: { camp: 'camp42' },
  }),
  userMethod({
    name: 'adAction',
    summary: 'Report the result of an advertisement',
    event: events.adActionEvent,
    level: 'sdk',
    source: 'vendor page, rest-api (name); SDK sources',
    example: { camp: 'camp42', adAction: 'clicked' },
  }),
  userMethod({
    name: 'error',
    summary: 'Report an error in the game',
    event: events.bareEvent,
    level: 'inferred',
    source: 'vendor page, rest-api (name)',
    gaps: ['the arguments are not public; any are accepted'],
    example: { message: 'out of memory' },
  }),
]

/** Adds profile properties to a user. Long strings are cut, and properties beyond the limit are dropped (SDK documents). */
function keepProfile(_db: VendorTables<typeof tables>, user: User, { params }: events.ProfileEvent): { user: User; warnings: string[] } {
  const properties = { ...user.properties }
  const cut: string[] = []
  const dropped: string[] = []
  let free = events.mostProperties - Object.keys(properties).length
  for (const [name, value] of Object.entries(params)) {
    if (!Object.hasOwn(properties, name) && free-- <= 0) {
      dropped.push(name)
      continue
    }
    const kept = shortened(value)
    if (kept !== value) cut.push(name)
    properties[name] = kept
  }
  const warnings = [
    ...(cut.length > 0 ? [`Cut to ${longestValue} characters: ${some(cut)}.`] : []),
    ...(dropped.length > 0 ? [`Dropped, because a user has at most ${events.mostProperties} properties: ${some(dropped)}.`] : []),
  ]
  return { user: { ...user, properties }, warnings }
}

const longestValue = 64

/** Cuts whole characters, so that no surrogate pair is split. */
function shortened(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= longestValue) return value
  return Array.from(value.slice(0, 2 * longestValue))
    .slice(0, longestValue)
    .join('')
}

function some(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => brief(name))
  return `${first.join(', ')}${names.length > first.length ? ` and ${names.length - first.length} more` : ''}`
}

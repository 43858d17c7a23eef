import * as events from './events.js'
import type { ServedMethod } from './method.js'
import { keepProfile } from './profile.js'
import { userMethod } from './user-method.js'

/** Methods that create an unknown user, note what happened and answer the user's properties. */
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
    summary: 'Report a currency got',
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
    summary: 'Ask for the experiment a user takes part in',
    event: events.bareEvent,
    level: 'documented',
    source: 'vendor page, experiment (in part)',
    gaps: ['everybody whom an experiment is open to takes part in it; the vendor draws'],
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
    summary: 'Report what became of an advertisement',
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
    gaps: ['the arguments are not public; any are taken'],
    example: { message: 'out of memory' },
  }),
]

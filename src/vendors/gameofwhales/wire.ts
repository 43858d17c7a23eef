import { z } from 'zod'
import { countryCodes } from './codes.js'

/** Where a player plays (vendor page). */
export const platforms = ['android', 'ios', 'macosx', 'uwp', 'web'] as const

/** Where a player buys, in the vocabulary of `common.store` (vendor page); Unity's containers use another. */
export const stores = [
  'AmazonStore',
  'AppleAppStore',
  'Facebook',
  'GooglePlay',
  'HuaweiStore',
  'Kongregate',
  'MacAppStore',
  'Odnoklassniki',
  'SamsungApps',
  'SFRPixtel',
  'VK',
  'WindowsStore',
  'XiaomiStore',
  'Other',
] as const

/** What the rules use of `common`. */
export interface Common {
  store: (typeof stores)[number]
  expId?: string | undefined
}

/** A request that passed its schema. */
export interface Envelope<Event> {
  game: string
  user: string
  common: Common
  event: Event
}

/** One method's body by contract generation: 1.0.0 knows no experiments, the 2.x versions are alike. */
export interface BodySchemas<Event> {
  first: z.ZodType<Envelope<Event>>
  second: z.ZodType<Envelope<Event>>
}

/** The body of a method whose arguments are `event`. Objects are loose: clients send more than the contract names. */
export function bodySchemas<Event>(event: z.ZodType<Event>): BodySchemas<Event> {
  const body = (common: z.ZodType<Common>) =>
    z.looseObject({
      game: z.string().describe('Game key'),
      user: z.string().min(1).describe('User id, unique per player'),
      common,
      event,
    })
  return { first: body(firstCommon), second: body(secondCommon) }
}

/** A refinement that is asked whatever else is wrong with the object, so that each fault is reported. */
export const evenIfInvalid = ({ value }: { value: unknown }) => typeof value === 'object' && value !== null && !Array.isArray(value)

const commonFields = {
  ip: z.string().min(1).optional().describe("Player's IP; with it, country is ignored"),
  // Nothing at all is asked of it beside an ip, hence no schema of its own.
  country: z.unknown().optional().meta({ type: 'string', description: 'ISO 3166-1 alpha-2, or 00 for unknown; required without ip' }),
  locale: z.string().min(1),
  platform: z.enum(platforms),
  store: z.enum(stores),
  version: z.string().describe('Application version'),
}

// For the documents; the refinements below are what is enforced.
const place = { anyOf: [{ required: ['ip'] }, { required: ['country'] }] }

const looseCommon = z.looseObject(commonFields).check(
  z.refine(({ ip, country }) => ip !== undefined || country !== undefined, {
    path: ['country'],
    params: { keyword: 'required' },
    error: 'is a required property unless ip is given',
    when: evenIfInvalid,
  }),
  z.refine(({ ip, country }) => ip !== undefined || country === undefined || typeof country === 'string', {
    path: ['country'],
    params: { keyword: 'type' },
    error: 'should be string',
    when: evenIfInvalid,
  }),
  z.refine(({ ip, country }) => ip !== undefined || typeof country !== 'string' || countryCodes.has(country), {
    path: ['country'],
    params: { keyword: 'enum' },
    error: 'should be an ISO 3166-1 alpha-2 code in upper case, or 00',
    when: evenIfInvalid,
  }),
)
const firstCommon = looseCommon.meta(place)
const secondCommon = looseCommon
  .safeExtend({ expId: z.string().optional().describe('Confirms participation in an experiment') })
  .meta(place)

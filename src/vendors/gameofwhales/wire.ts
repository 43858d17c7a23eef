import { z } from 'zod'
import { countryCodes } from './codes.js'

/** Platforms of a player (vendor page). */
export const platforms = ['android', 'ios', 'macosx', 'uwp', 'web'] as const

/** Stores as `common.store` names them (vendor page). Unity's containers use other names. */
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

/** The members of `common` that rules read. */
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
  /** Warnings of values that are accepted. */
  warnings?: readonly string[]
}

/** Body schemas of a method: 1.0.0 has no experiments, and all 2.x versions are equal. */
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

/** Condition of a refinement that runs even if the object has other errors, so that every error is reported. */
export const evenIfInvalid = ({ value }: { value: unknown }) => typeof value === 'object' && value !== null && !Array.isArray(value)

const commonFields = {
  ip: z.string().min(1).optional().describe("Player's IP; with it, country is ignored"),
  // With an ip any country is accepted, so the refinements below check it.
  country: z.unknown().optional().meta({ type: 'string', description: 'ISO 3166-1 alpha-2, or 00 for unknown; required without ip' }),
  locale: z.string().min(1),
  platform: z.enum(platforms),
  store: z.enum(stores),
  version: z.string().describe('Application version'),
}

const countryForm = 'an ISO 3166-1 alpha-2 code in upper case, or 00'

// For the documents only; the refinements below are enforced.
const place = { anyOf: [{ required: ['ip'] }, { required: ['country'] }] }

const looseCommon = z.looseObject(commonFields).check(
  z.refine(({ ip, country }) => ip !== undefined || country !== undefined, {
    path: ['country'],
    params: { keyword: 'required', accepted: countryForm },
    error: 'is a required property unless ip is given',
    when: evenIfInvalid,
  }),
  z.refine(({ ip, country }) => ip !== undefined || country === undefined || typeof country === 'string', {
    path: ['country'],
    params: { keyword: 'type', accepted: countryForm },
    error: 'should be string',
    when: evenIfInvalid,
  }),
  z.refine(({ ip, country }) => ip !== undefined || typeof country !== 'string' || countryCodes.has(country), {
    path: ['country'],
    params: { keyword: 'enum', accepted: countryForm },
    error: `should be ${countryForm}`,
    when: evenIfInvalid,
  }),
)
const firstCommon = looseCommon.meta(place)
const secondCommon = looseCommon
  .safeExtend({ expId: z.string().optional().describe('Confirms participation in an experiment') })
  .meta(place)

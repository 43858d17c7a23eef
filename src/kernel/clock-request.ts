import { z } from 'zod'

/** What `PUT clock` and a seed's `clock` take. */
export const clockRequest = z.strictObject({
  now: z.iso.datetime({ offset: true }),
  frozen: z.boolean().default(false),
})

import { z } from 'zod'

/** Schema of the body of `PUT clock` and of a seed's `clock`. */
export const clockRequest = z.strictObject({
  now: z.iso.datetime({ offset: true }),
  frozen: z.boolean().default(false),
})

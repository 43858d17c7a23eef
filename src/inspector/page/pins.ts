import { pinsParameter, usePlace, linkTo } from './place.js'

/** Pinned requests, by id, each with its note. */
export type Pins = ReadonlyMap<string, string>

/** The pins in the address. */
export function usePins(): Pins {
  const text = usePlace().query[pinsParameter] ?? ''
  return new Map(
    text
      .split(';')
      .filter((part) => part !== '')
      .map((part) => {
        const [id = '', note = ''] = part.split('=', 2)
        return [id, decodeURIComponent(note)] as const
      }),
  )
}

/** The same place with other pins. */
export function linkWithPins(pins: Pins, rest: readonly string[], query: Readonly<Record<string, string>>): string {
  const text = [...pins].map(([id, note]) => (note === '' ? id : `${id}=${encodeURIComponent(note)}`)).join(';')
  return linkTo('live', rest, { ...query, [pinsParameter]: text })
}

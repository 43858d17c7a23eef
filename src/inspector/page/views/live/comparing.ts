import { linkTo, type Place } from '../../place.js'

/** Value of the parameter `with` while the user has yet to choose the request to compare with. */
export const choosing = ' '

/** True while a click in the list chooses the request to compare the open one with. */
export function isChoosing({ rest, query }: Place): boolean {
  return rest[0] !== undefined && query['with'] === choosing
}

/** Link of a row of the list: opens it, or chooses it for the comparison. */
export function rowLink(place: Place, id: string): string {
  const { rest, query } = place
  return isChoosing(place) && id !== rest[0] ? linkTo('live', rest, { ...query, with: id }) : linkTo('live', [id], query)
}

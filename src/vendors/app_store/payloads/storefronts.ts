import { countries, getCountryData, getCountryDataList, type TCountryCode } from 'countries-list'

/** Storefront of a purchase. */
export interface Storefront {
  /** ISO 3166-1 alpha-3. */
  storefront: string
  /** Apple's own number, absent for a storefront that is not in the table. */
  storefrontId?: string
}

/** Apple's numbers of storefronts (the list of its affiliate resources), for the larger ones. */
const ids: Readonly<Record<string, string>> = {
  USA: '143441',
  FRA: '143442',
  DEU: '143443',
  GBR: '143444',
  AUT: '143445',
  BEL: '143446',
  FIN: '143447',
  GRC: '143448',
  IRL: '143449',
  ITA: '143450',
  LUX: '143451',
  NLD: '143452',
  PRT: '143453',
  ESP: '143454',
  CAN: '143455',
  SWE: '143456',
  NOR: '143457',
  DNK: '143458',
  CHE: '143459',
  AUS: '143460',
  NZL: '143461',
  JPN: '143462',
  HKG: '143463',
  SGP: '143464',
  CHN: '143465',
  KOR: '143466',
  IND: '143467',
  MEX: '143468',
  RUS: '143469',
  TWN: '143470',
  POL: '143478',
  TUR: '143480',
  BRA: '143503',
}

/** Returns the storefront of a country, given in two or three letters. */
export function storefrontOf(country: string): Storefront {
  const code = country.toUpperCase()
  const storefront = code.length === 2 && code in countries ? getCountryData(code as TCountryCode).iso3 : code
  const storefrontId = ids[storefront]
  return storefrontId === undefined ? { storefront } : { storefront, storefrontId }
}

/** True for the ISO 3166-1 alpha-3 code of a country. */
export function isStorefront(code: string): boolean {
  return getCountryDataList().some(({ iso3 }) => iso3 === code)
}

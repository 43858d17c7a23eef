import type { RequestShape, Route } from '../../contract.js'
import type { tables } from './tables.js'

/** Adds a request to a route that is accepted with the default seed, for the documents. */
export function withExample(route: Route<typeof tables>): Route<typeof tables> {
  const { query, form } = route.request ?? {}
  const hasToken = query !== undefined && 'auth_token' in query.shape
  const own = examples[`${route.method} ${route.path}`] ?? {}
  // A form of the token alone may be empty, because the query has the token.
  const example = own.example ?? route.request?.example ?? (form && {})
  const values = { developerId: developer, package: 'tv.ouya.sample', ...(hasToken && { auth_token: token }), ...own.examples }
  return { ...route, request: { ...route.request, ...own, ...(example !== undefined && { example }), examples: values } }
}

const token = '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8'
const developer = '310a8f51-4d6e-4ae5-bda0-b93878e5f5d0'
const sealed = { needs: 'A form sealed for the game: the command "coinslot mint ouya --as curl" prints the whole line.' }

const examples: Readonly<Record<string, Pick<RequestShape, 'example' | 'examples' | 'needs'>>> = {
  'POST /api/v1/games/{package}/purchases': sealed,
  'POST /api/v1/developer/{developerId}/purchase': sealed,
  'POST /api/razer/session': { example: { email: 'player@example.com', password: 'password' } },
  'DELETE /api/v1/sessions/{token}': { examples: { token } },
  'PUT /api/v1/gamers/key': {
    example: {
      'gamer[username]': 'player',
      'gamer[password]': 'password',
      // The public key of the worked example's console.
      'gamer[key]':
        '-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCcFxPhyEbCxPaAuyUkctfiLvf1lzOj8Ua4znTo\nL04SHQ3OhpxcxdxnGwg92XLf5MA/7SOiSteE8NZvXNWcGR50jAeN0+M2PS01jBs3k65CJupS8IVW\n1ywvKyoUwhvgD/bgIWGyGhkBnOJP9a4yK6PPKxdYYJlrKK+pgxYt5XPx6wIDAQAB\n-----END PUBLIC KEY-----\n',
    },
  },
  'GET /api/v1/developers/{developerId}/products/': { examples: { only: 'long_sword,sharp_axe' } },
  'POST /api/v1/gamers': {
    example: {
      'gamer[username]': 'player-2',
      'gamer[password]': 'password',
      'gamer[password_confirmation]': 'password',
      'gamer[email]': 'player-2@example.com',
    },
  },
  'POST /api/v1/gamers/me/consoles': { example: { console_id: '015d4b33bc64141b' } },
  'POST /api/v1/credit_card': { examples: { zipcode: '12345' } },
  'PUT /api/v1/credit_card': {
    examples: {
      zipcode: '12345',
      body: 'HTTP/1.1 303 See Other\nlocation: https://devs.ouya.tv/wpsuccess?OTT=C187D8AE\nContent-Length: 9\n',
    },
  },
  'PUT /api/v1/gamers/me/agreements': { example: { marketplace: '2' } },
  'PUT /api/v1/vouchers/{code}/redeem': { examples: { code: 'VOUCHER-1' }, needs: 'A voucher: put a row into ouya.vouchers first.' },
}

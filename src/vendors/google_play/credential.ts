import { readForm } from '../../kernel/body.js'
import { decodedPart, type Request } from '../../kernel/request.js'
import { readJwt } from './access/jwt.js'

/** Paths of the token endpoint, each with its host. */
export const tokenHosts: Readonly<Record<string, string>> = {
  '/token': 'oauth2.googleapis.com',
  '/oauth2/v4/token': 'www.googleapis.com',
  '/o/oauth2/token': 'accounts.google.com',
}

/** Returns the package of a call of the API, and the service account or the client of a token request. */
export function credentialOf({ path, body }: Request): string | undefined {
  if (Object.hasOwn(tokenHosts, path)) return clientIn(body)
  const inPath = /^\/androidpublisher\/v3\/applications\/([^/:]+)/.exec(path)?.[1]
  return inPath === undefined ? undefined : decodedPart(inPath)
}

function clientIn(body: Uint8Array): string | undefined {
  const form = readForm(body)
  if (!form.ok) return undefined
  const { assertion, client_id: clientId } = form.value
  const read = assertion === undefined ? undefined : readJwt(assertion)
  const issuer = read?.ok ? read.jwt.claims['iss'] : clientId
  return typeof issuer === 'string' ? issuer : undefined
}

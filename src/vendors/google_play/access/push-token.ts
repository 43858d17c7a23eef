import type { Keyring } from '../../../receipts/keyring.js'
import { oidcKey } from './google-keys.js'
import { signJwt } from './jwt.js'

/** Account and audience of a push. */
interface PushIdentity {
  email: string
  audience: string
}

/** Returns the token that Pub/Sub sends with a push: valid for an hour of the receiver's own time. */
export function pushToken({ email, audience }: PushIdentity, realAt: Date, keys: Keyring): string {
  const issuedAt = Math.floor(realAt.getTime() / 1000)
  const claims = {
    aud: audience,
    azp: pushSubject,
    email,
    email_verified: true,
    exp: issuedAt + 3600,
    iat: issuedAt,
    iss: 'https://accounts.google.com',
    sub: pushSubject,
  }
  return signJwt(claims, oidcKey(keys))
}

/** Id of the service account that pushes; Google's have 21 digits. */
const pushSubject = '100000000000000000002'

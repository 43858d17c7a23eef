import { readFileSync } from 'node:fs'
import { developmentKeysFolder } from '../pki/development-keys.js'

/** Returns the credential file of the default seed's service account, as the Google Cloud console would give it. */
export function serviceAccountFile(): string {
  return readFileSync(new URL('google-service-account.json', developmentKeysFolder), 'utf8')
}

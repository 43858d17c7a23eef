import { readKeyFile } from '../pki/development-keys.js'

/** Returns the credential file of the default seed's service account, as the Google Cloud console would give it. */
export function serviceAccountFile(): string {
  return readKeyFile('google-service-account.json')
}

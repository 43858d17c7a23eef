export { developmentKeys } from './development-keys.js'
export { keyCache } from './key-cache.js'
export { parseLicenseKey, parsePrivateKey, parsePublicKey, spkiBase64, spkiDer } from './rsa-key.js'

export { developmentKeys, type DevelopmentKeys } from './development-keys.js'
export { keyCache, type KeyCache } from './key-cache.js'
export { parseLicenseKey, parsePrivateKey, parsePublicKey, type ParsedKey, spkiBase64, spkiDer } from './rsa-key.js'

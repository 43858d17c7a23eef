import { openEmbeddedStore } from '../../src/store/embedded-store.js'
import { storeConformance } from './conformance.js'
import { aDirectory } from './directories.js'

storeConformance('the store on disk', (options) => openEmbeddedStore({ ...options, directory: aDirectory(), sync: 'interval' }))
storeConformance('the store on disk that syncs always', (options) =>
  openEmbeddedStore({ ...options, directory: aDirectory(), sync: 'always' }),
)

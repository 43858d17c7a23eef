import { openEmbeddedStore } from '../../src/store/embedded-store.js'
import { storeConformance } from './conformance.js'

storeConformance('the store in memory', (options) => openEmbeddedStore({ ...options, directory: null, sync: 'never' }))

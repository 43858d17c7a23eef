import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedStore } from '../../src/store/embedded.js'
import { storeConformance } from './conformance.js'

storeConformance('the store on disk', (options) =>
  openEmbeddedStore({ ...options, directory: mkdtempSync(join(tmpdir(), 'coinslot-store-')), sync: 'interval' }),
)
storeConformance('the store on disk that syncs always', (options) =>
  openEmbeddedStore({ ...options, directory: mkdtempSync(join(tmpdir(), 'coinslot-store-')), sync: 'always' }),
)

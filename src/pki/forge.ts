import { createRequire } from 'node:module'
import type Forge from 'node-forge'
import { once } from '../kernel/once.js'

const require = createRequire(import.meta.url)

/** node-forge, loaded when ASN.1 or a certificate is first looked at: most runs never do, and loading it costs a start dearly. */
export const forge = once(() => require('node-forge') as typeof Forge)

export { teak } from './teak/index.js'

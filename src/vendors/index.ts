export { teak } from './teak/index.js'
export { gameofwhales } from './gameofwhales/index.js'
export { kakao } from './kakao/index.js'
export { ouya } from './ouya/index.js'

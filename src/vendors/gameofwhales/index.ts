import { defineVendor } from '../../contract.js'
import { configuredApps } from './configured-apps.js'
import { judge } from './judge.js'
import { named } from './named-replies.js'
import { gameIn } from './read-call.js'
import { voice } from './replies.js'
import { routes } from './routes.js'
import { tables } from './tables.js'

/** Game of Whales: its REST API on port 8488, purchases with verification first of all. */
export const gameofwhales = defineVendor<typeof tables>({
  id: 'gameofwhales',
  title: 'Game of Whales',
  baseUrls: ['https://api.gameofwhales.com:8488'],
  hosts: ['api.gameofwhales.com'],
  ports: [8488],
  tables,
  routes,
  voice,
  replies: named,
  credential: gameIn,
  judge,
  configuredApps,
})

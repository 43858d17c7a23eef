import { defineVendor } from '../../contract.js'
import { configuredApps } from './configured-apps.js'
import { judge } from './judge.js'
import { named } from './named-replies.js'
import { present } from './present.js'
import { gameIn } from './read-call.js'
import { failureReply } from './replies.js'
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
  failureReply,
  replies: named,
  notModelled: [
    'the batched protocol of the mobile SDKs on port 8443 (sdk.events, sdk.receipt and others) and the older one on 8080',
    'store checks over the network: Apple’s verifyReceipt, Samsung’s receipt server; receipts are judged offline, Samsung’s by rows',
    'Amazon, Mac App Store, Windows and other stores of Unity: undefined, as none of them is verified',
    'the dashboard: developer players, statistics, and how experiments and offers are made; they are rows here',
    'conversion of currencies, pushes that are really sent, and cross-promotion advertisements',
  ],
  credential: gameIn,
  judge,
  present,
  configuredApps,
})

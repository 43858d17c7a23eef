import { defineVendor } from '../../contract.js'
import { control } from './control.js'
import { credentialOf } from './form.js'
import { judge, reveal } from './judge.js'
import { named, voice } from './replies.js'
import { routes } from './routes.js'
import { renew, renewal } from './subscription.js'
import { tables } from './tables.js'

/** OUYA: purchases and receipts, sealed once for the console and once for the game. */
export const ouya = defineVendor<typeof tables>({
  id: 'ouya',
  title: 'OUYA',
  baseUrls: ['https://devs.ouya.tv', 'http://status.ouya.tv'],
  hosts: ['devs.ouya.tv', 'status.ouya.tv'],
  ports: [80, 443],
  tables,
  routes,
  voice,
  replies: named,
  credential: credentialOf,
  reveal,
  timers: { [renewal]: renew },
  judge,
  control,
})

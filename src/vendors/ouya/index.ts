import { defineVendor } from '../../contract.js'
import { control } from './control.js'
import { credentialOf } from './form.js'
import { judge, reveal } from './judge.js'
import { ownReceipt, present } from './console.js'
import { named, failureReply } from './replies.js'
import { routes } from './routes.js'
import { renew, renewal, scheduleRenewal } from './subscription.js'
import { tables } from './tables.js'
import { unseal } from './unseal.js'

/** OUYA: purchases and receipts, sealed once for the console and once for the game. */
export const ouya = defineVendor<typeof tables>({
  id: 'ouya',
  title: 'OUYA',
  baseUrls: ['https://devs.ouya.tv', 'http://status.ouya.tv'],
  hosts: ['devs.ouya.tv', 'status.ouya.tv'],
  ports: [80, 443],
  tables,
  routes,
  failureReply,
  replies: named,
  notModelled: [
    'the protocol of January 2013: products/{id}/purchases, encryptedPurchase and developers/{id}/purchases, and gamers/key with bare field names',
    'the store’s catalogue of apps: their pages, details, pictures, downloads and updates',
    'card data, which went to a third party; a card that is entered is made up',
    'razerToken, nickname and avatar of Forge TV accounts',
  ],
  secrets: {
    rows: ['gamers.password', 'gamers.token', 'gamers.cardToken'],
    privateKeys: ['games.applicationPrivateKey', 'gamers.privateKey'],
    messages: ['password', 'auth_token', 'token', 'X-OUYA-AuthToken', 'X-Token'],
  },
  credential: credentialOf,
  reveal,
  unseal,
  timers: { [renewal]: renew },
  onRowWritten: {
    // The timer of a deleted or ended row does nothing, so it is not cancelled.
    purchases: async (_scope, _db, transaction, { after }) => after && scheduleRenewal(transaction, after),
  },
  judge,
  present,
  ownReceipt,
  control,
})

import type { Scope } from '../../../contract.js'
import { InvalidInput } from '../../../kernel/problem.js'
import { composePush, productTypes, subscriptionTypes, type Notice, type ProductType, type SubscriptionType } from './notices.js'
import type { tables } from '../tables.js'

/** Returns the push body of a notification about a minted purchase; without a type, that it was bought. */
export async function notificationAbout(
  scope: Scope<typeof tables>,
  purchaseData: string,
  type: string | undefined,
): Promise<string | undefined> {
  const data = JSON.parse(purchaseData) as { packageName?: string; productId?: string; purchaseToken?: string; autoRenewing?: boolean }
  const { packageName = '', purchaseToken: token, productId } = data
  if (token === undefined) return undefined
  const app = (await scope.transact((db) => db.apps.get(packageName))) ?? { packageName }
  const isSubscription = data.autoRenewing !== undefined
  const known = isSubscription ? subscriptionTypes : productTypes
  const number = type ?? (isSubscription ? '4' : '1')
  if (!Object.hasOwn(known, number)) {
    const names = Object.entries(known).map(([each, name]) => `${each} ${name}`)
    throw new InvalidInput({
      type: 'invalid',
      title: 'Invalid body.',
      errors: [{ path: '/type', message: `is not one of ${names.join(', ')}` }],
    })
  }
  const notice: Notice = isSubscription
    ? { about: 'subscription', type: Number(number) as SubscriptionType, token, productId }
    : { about: 'product', type: Number(number) as ProductType, token, productId }
  return composePush(scope, app, notice).body
}

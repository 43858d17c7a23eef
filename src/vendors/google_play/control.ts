import { z } from 'zod'
import type { ControlRoute, Scope } from '../../contract.js'
import { once } from '../../kernel/once.js'
import { InvalidInput, NotFound } from '../../kernel/problem.js'
import { json } from '../../kernel/reply.js'
import { show } from '../../kernel/show.js'
import type { Notice, ProductType, SubscriptionType } from './notifications/notices.js'
import type { App, Db, tables } from './tables.js'

// Loaded when first needed, because most runs never need them.
const certificates = once(() => import('./access/certificates.js'))
const serviceAccount = once(() => import('../../receipts/google-service-account.js'))
const notices = once(() => import('./notifications/notices.js'))

type Scoped = Scope<typeof tables>

/** Made with the first control call, because a start needs no schema of a body. */
const notification = once(() =>
  z.strictObject({
    purchaseToken: z.string().min(1),
    notificationType: z.int().min(1).max(22),
    productId: z.string().optional().describe('Default: the product of the purchase'),
    packageName: z.string().min(1).optional().describe('Default: the app of the purchase, else the first app'),
    oneTime: z.boolean().default(false).describe('The type is one of a one-time product'),
    send: z.boolean().default(true).describe('False: the push body is only returned'),
  }),
)

/** Control calls of Google Play: notifications on demand, certificates, and the credential of the default seed. */
export const control: readonly ControlRoute<typeof tables>[] = [
  {
    method: 'POST',
    path: '/notifications',
    summary: 'Send a real-time developer notification of any type, or return its body',
    status: 202,
    get body() {
      return notification()
    },
    async handle(scope, { body }) {
      const { purchaseToken: token, notificationType, productId, packageName, oneTime, send } = notification().parse(body)
      const row = await scope.transact((_db, { marketplace }) => marketplace.purchase('google_play', token))
      const about = { token, productId: productId ?? row?.productId }
      const notice = oneTime
        ? ({ about: 'product', type: notificationType as ProductType, ...about } as const)
        : ({ about: 'subscription', type: notificationType as SubscriptionType, ...about } as const)
      return json(202, await publish(scope, notice, { packageName: packageName ?? row?.app, send }))
    },
  },
  {
    method: 'POST',
    path: '/apps/{packageName}/test-notification',
    summary: "Send a test notification, as the Play Console's button does",
    status: 202,
    async handle(scope, { params }) {
      return json(202, await publish(scope, { about: 'test' }, { packageName: params['packageName'], send: true }))
    },
  },
  {
    method: 'GET',
    path: '/certs',
    summary: 'Certificates that verify push tokens, as PEM by key id',
    async handle({ keys }) {
      const { pemReply } = await certificates()
      return pemReply(keys)
    },
  },
  {
    method: 'GET',
    path: '/key',
    summary: 'The credential file of the service account of the default seed, for GOOGLE_APPLICATION_CREDENTIALS',
    async handle() {
      const { serviceAccountFile } = await serviceAccount()
      return { status: 200, headers: { 'Content-Type': 'application/json' }, body: serviceAccountFile() }
    },
  },
]

async function publish(scope: Scoped, notice: Notice, { packageName, send }: { packageName: string | undefined; send: boolean }) {
  const { composePush, push, productTypes, subscriptionTypes } = await notices()
  if ('type' in notice && !Object.hasOwn(notice.about === 'product' ? productTypes : subscriptionTypes, notice.type)) {
    throw new InvalidInput({
      type: 'invalid',
      title: 'Invalid body.',
      errors: [{ path: '/notificationType', message: `has no type ${notice.type} of a ${notice.about}` }],
    })
  }
  return scope.transact(async (db, transaction) => {
    const app = await appNamed(db, packageName)
    const tx = { db, transaction, now: scope.now, ids: scope.ids }
    const message = composePush(tx, app, notice)
    const answer = { messageId: message.messageId, body: JSON.parse(message.body) as unknown }
    if (!send) return answer
    if (app.rtdn?.url === undefined) {
      throw new InvalidInput({
        type: 'no-rtdn-url',
        title: 'No push address.',
        detail: `The app ${app.packageName} has no rtdn.url. Set it in google_play.apps.`,
        errors: [],
      })
    }
    const token = 'token' in notice ? notice.token : undefined
    return { ...answer, id: push(tx, { app, url: app.rtdn.url, message, token }) }
  })
}

async function appNamed(db: Db, packageName: string | undefined): Promise<App> {
  const app = packageName === undefined ? (await db.apps.list())[0] : await db.apps.get(packageName)
  if (app) return app
  throw new NotFound({
    type: 'unknown-row',
    title: 'No such app.',
    detail: `google_play.apps has no app ${show(packageName)}. Add the row, or name another.`,
  })
}

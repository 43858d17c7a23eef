// A game's server that uses Google's libraries with their own hosts. Prints what it got as JSON.
import { androidpublisher } from '@googleapis/androidpublisher'
import { GoogleAuth, OAuth2Client } from 'google-auth-library'

const [keyFile, token, pushToken, audience] = process.argv.slice(2)
const scopes = ['https://www.googleapis.com/auth/androidpublisher']
const packageName = 'com.example.game'
const auth = new GoogleAuth({ keyFile, scopes })
const play = androidpublisher({ version: 'v3', auth })

const { data: product } = await play.purchases.products.get({ packageName, productId: 'gems.10', token })
const { status: acknowledged } = await play.purchases.products.acknowledge({ packageName, productId: 'gems.10', token, requestBody: {} })
const { access_token: accessToken } = (await (await auth.getClient()).getAccessToken().then(({ res }) => res?.data)) ?? {}
const ticket = await new OAuth2Client().verifyIdToken({ idToken: pushToken, audience })
const refused = await new GoogleAuth({ keyFile, scopes: ['https://www.googleapis.com/auth/gmail.readonly'] })
  .getClient()
  .then((client) => androidpublisher({ version: 'v3', auth: client }).purchases.products.get({ packageName, productId: 'gems.10', token }))
  .catch(({ status, message }) => ({ status, message }))

const selfSigned = new GoogleAuth({ keyFile, scopes })
const jwt = await selfSigned.getClient()
jwt.useJWTAccessWithScope = true
const { status: bySelfSigned } = await androidpublisher({ version: 'v3', auth: jwt }).purchases.products.get({
  packageName,
  productId: 'gems.10',
  token,
})

process.stdout.write(JSON.stringify({ product, acknowledged, accessToken, email: ticket.getPayload().email, refused, bySelfSigned }))

import { controlCall } from '../call.js'

/** `GET ca.pem`: the certificate that clients trust to reach the vendors' own names over TLS. */
export const caCalls = [
  controlCall({
    method: 'GET',
    path: '/ca.pem',
    tag: 'sandbox',
    summary: 'The local certificate authority, for clients to trust',
    answers: { 200: { description: 'The certificate, PEM', mediaType: 'application/x-x509-ca-cert' } },
    async handle({ context }) {
      const { certificate } = await context.authority()
      // Phones offer to install this type; browsers save it under the name.
      const headers = { 'Content-Type': 'application/x-x509-ca-cert', 'Content-Disposition': 'attachment; filename="coinslot-ca.pem"' }
      return new Response(certificate, { headers })
    },
  }),
]

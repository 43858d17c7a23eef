/** Credentials of the default seed, for examples and for requests that present a minted purchase. */
export const seeded = {
  token: 'sandboxsandboxsandboxsan',
  serviceAccountId: 'c0145107-0000-4000-8000-00000000005a',
  sellerSeq: '000000000001',
  packageName: 'com.example.game',
} as const

/** Headers of every call but the receipt's, with the credentials of the default seed. */
export const seededHeaders = {
  authorization: `Bearer ${seeded.token}`,
  'service-account-id': seeded.serviceAccountId,
} as const

/** Purchase ids in examples; those of the vendor's pages have this form. */
export const exampleId = '7efef23271b0a48746a9d7c391e367c7a802980d391d7f9b75010e8138c66c36'

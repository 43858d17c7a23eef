/** Hosts of the App Store Server API, the recommended ones first. */
export const apiHosts = [
  'api.storekit.apple.com',
  'api.storekit-sandbox.apple.com',
  'api.storekit.itunes.apple.com',
  'api.storekit-sandbox.itunes.apple.com',
]

/** Hosts of verifyReceipt. */
export const receiptHosts = ['buy.itunes.apple.com', 'sandbox.itunes.apple.com']

export const ocspHosts = ['ocsp.apple.com']

/** Example of a control call in the documents: values of the default seed, or the state that the call needs first. */
export interface ControlExample {
  example?: unknown
  /** Of path and query, by name. */
  examples?: Readonly<Record<string, string>>
  needs?: string
}

/** The example of a control call, by its method and its path below `/_sandbox`. */
export function controlExample(method: string, path: string): ControlExample {
  return byCall[`${method} ${path}`] ?? {}
}

const entry = { examples: { id: 'r-1' }, needs: 'A request: its answer has the id in X-Sandbox-Request.' }
const fault = { examples: { id: 'f-1' }, needs: 'A fault: POST /_sandbox/faults returns its id.' }
const snapshot = { examples: { name: 'before' }, needs: 'A snapshot of this name: PUT /_sandbox/snapshots/before.' }
const workspace = { name: 'ci-7' }
const player = { vendor: 'teak', table: 'players', key: '123456:player-1' }
const sealed = { needs: 'What a console sent: POST /_sandbox/receipts/ouya mints such a form.' }
const bought = { examples: { username: 'player', uuid: '0b8d6c1e-5f7a-4c3d-9e2f-1a2b3c4d5e6f' }, needs: 'A purchase in ouya.purchases.' }

const unityReceipt = JSON.stringify({ Store: 'SamsungApps', TransactionID: 'a'.repeat(64), Payload: '{}' })
const minted = {
  store: 'samsung',
  members: { itemId: 'gems.10' },
  receipt: { purchaseId: 'a'.repeat(64), paymentId: 'TPMTID20260101', orderId: 'P20260101', unityReceipt },
}

const byCall: Readonly<Record<string, ControlExample>> = {
  'GET /vendors/{id}': { examples: { id: 'teak' } },
  'POST /vendors/{id}/purchase': { examples: { id: 'teak' } },
  'GET /vendors/ouya/games/{package}/key.der': { examples: { package: 'tv.ouya.sample' } },
  'POST /vendors/ouya/receipts/mint': { example: { package: 'tv.ouya.sample', identifier: 'awesome_sauce', username: 'player' } },
  'POST /vendors/ouya/receipts/open': { example: { username: 'player', package: 'tv.ouya.sample', body: '{}' }, ...sealed },
  'POST /vendors/ouya/receipts/inspect': { example: { form: 'key=…&iv=…&blob=…' } },
  'POST /vendors/ouya/purchases/{username}/{uuid}/cancel': bought,
  'POST /vendors/ouya/purchases/{username}/{uuid}/revoke': bought,
  'POST /vendors/google_play/notifications': {
    example: { purchaseToken: 'a-purchase-token', notificationType: 2 },
    needs: 'An app with rtdn.url in google_play.apps, or "send": false.',
  },
  'POST /vendors/google_play/apps/{packageName}/test-notification': {
    examples: { packageName: 'com.example.game' },
    needs: 'An app with rtdn.url in google_play.apps.',
  },
  'GET /vendors/app_store/apps/{bundleId}/key.p8': { examples: { bundleId: 'com.example.game' } },
  'POST /vendors/app_store/notifications': {
    example: { transactionId: '1000000102184163', type: 'DID_RENEW' },
    needs: 'A purchase: POST /_sandbox/receipts/app_store makes one.',
  },
  'POST /vendors/teak/rewards': {
    example: { gameId: '123456', userId: 'player-1', reward: { gems: 5 } },
    needs: 'A game with a rewardUrl: put one into its row of teak.games.',
  },
  'GET /vendors/samsung/sellers/{sellerSeq}/iap-key.pem': { examples: { sellerSeq: '000000000001' } },
  'POST /vendors/samsung/apps/{packageName}/test-notification': {
    examples: { packageName: 'com.example.game' },
    needs: 'An app with isn.url: put one into its row of samsung.apps.',
  },
  'POST /vendors/samsung/notifications': {
    example: { purchaseId: 'a'.repeat(64), type: 'ITEM_PURCHASED' },
    needs: 'A purchase: POST /_sandbox/receipts/samsung mints one and answers its id.',
  },
  'GET /workspaces/{name}': { examples: workspace, needs: 'A workspace of this name: PUT makes it.' },
  'PUT /workspaces/{name}': { examples: workspace, example: { credentials: [{ vendor: 'teak', value: 'ci7-game' }] } },
  'DELETE /workspaces/{name}': { examples: workspace, needs: 'A workspace of this name: PUT makes it.' },
  'POST /seed': { example: { teak: { players: [{ gameId: '123456', userId: 'ann' }] } } },
  'GET /tables/{vendor}/{table}': { examples: player },
  'GET /tables/{vendor}/{table}/{key}': { examples: player },
  'PUT /tables/{vendor}/{table}/{key}': { examples: player, example: { gameId: '123456', userId: 'player-1' } },
  'DELETE /tables/{vendor}/{table}/{key}': { examples: player },
  'PUT /snapshots/{name}': { examples: snapshot.examples },
  'GET /snapshots/{name}': snapshot,
  'DELETE /snapshots/{name}': snapshot,
  'POST /snapshots/{name}/restore': snapshot,
  'PUT /workspaces/{name}/session': { examples: { name: 'from-ann' }, needs: 'A session: GET /_sandbox/session answers one.' },
  'PUT /clock': { example: { now: '2026-01-01T00:00:00.000Z', frozen: true } },
  'POST /clock/advance': { example: { duration: 'P1D' } },
  'POST /webhooks/{id}/redeliver': { examples: { id: 'd-1' }, needs: 'A delivery: GET /_sandbox/webhooks lists them.' },
  'GET /upstreams/{store}': { examples: { store: 'google_play' } },
  'PUT /upstreams/{store}': { examples: { store: 'google_play' }, example: { reachable: false } },
  'POST /upstreams/{store}/purchases/{token}/{act}': { examples: { store: 'google_play', token: 'a-purchase-token', act: 'cancel' } },
  'GET /traffic/{id}': entry,
  'GET /traffic/{id}/layers': entry,
  'GET /traffic/{id}/related': entry,
  'POST /traffic/replay': { example: { method: 'GET', url: '/ouya/api/v1/status' } },
  'POST /verify': { example: { vendor: 'teak', outcome: 'recorded', times: 0 } },
  'GET /openapi/{file}': { examples: { file: 'teak.json' } },
  'POST /faults': { example: { match: { vendor: 'kakao' }, effect: { kind: 'reply', name: 'service-unavailable' }, times: 2 } },
  'GET /faults/{id}': fault,
  'DELETE /faults/{id}': fault,
  'GET /purchases/{vendor}/{table}/{key}': {
    examples: { vendor: 'teak', table: 'purchases', key: '123456:order-0001' },
    needs: 'A purchase: GET /_sandbox/purchases lists them.',
  },
  'GET /page/{file}': {
    examples: { file: 'main.js' },
    needs: 'The name of a file of the inspector’s page, which changes with each build.',
  },
  'POST /receipts/google_play': { example: { packageName: 'com.example.game', productId: 'gems.10' } },
  'POST /receipts/app_store': { example: { bundleId: 'com.example.game', productId: 'gems.10' } },
  'POST /receipts/samsung': { example: { itemId: 'gems.10' } },
  'POST /receipts/ouya': { example: { package: 'tv.ouya.sample', identifier: 'awesome_sauce', username: 'player' } },
  'POST /receipts/ouya/open': { example: { username: 'player', package: 'tv.ouya.sample', body: '{}' }, ...sealed },
  'POST /receipts/requests': { example: minted },
  'POST /receipts/notifications': { example: minted, needs: 'A receipt of POST /_sandbox/receipts/{store} in place of the made-up one.' },
  'POST /receipts/inspect': { example: { receipt: { purchaseData: '{"packageName":"com.example.game"}', signature: 'AAAA' } } },
}

import type { DeliveryAttempt } from '../../../contract.js'
import type { TransactionScope } from '../chains/scope.js'
import { isReceived } from '../received.js'
import type { StoredNotification } from '../tables.js'

/** One attempt as the API lists it. */
export interface SendAttempt {
  attemptDate: number
  sendAttemptResult: string
}

/** A notification with the attempts to send it. */
export interface AttemptedNotification {
  signedPayload: string
  sendAttempts: SendAttempt[]
}

/** Returns a notification with the attempts that its delivery has so far. */
export async function withAttempts({ transaction }: TransactionScope, row: StoredNotification): Promise<AttemptedNotification> {
  const [delivery] = row.deliveryId === undefined ? [] : await transaction.deliveries([row.deliveryId])
  return { signedPayload: row.signedPayload, sendAttempts: (delivery?.attempts ?? []).map(sendAttempt) }
}

function sendAttempt({ at, status, error }: DeliveryAttempt): SendAttempt {
  return { attemptDate: new Date(at).getTime(), sendAttemptResult: resultOf(status, error) }
}

/** Errors by what they say; the mapping is our choice, the names are Apple's. */
const results: readonly [pattern: RegExp, result: string][] = [
  [/no complete answer within/i, 'TIMED_OUT'],
  [/certificate|self-signed|self signed|tls|ssl/i, 'TLS_ISSUE'],
  [/other side closed|socket hang up|ECONNRESET/i, 'NO_RESPONSE'],
  [/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|connect/i, 'SOCKET_ISSUE'],
]

function resultOf(status: number | null, error: string | undefined): string {
  if (error === undefined && status !== null) return isReceived(status) ? 'SUCCESS' : 'UNSUCCESSFUL_HTTP_RESPONSE_CODE'
  // The head of an answer came, and then the connection ended.
  if (status !== null && !/no complete answer/.test(error ?? '')) return 'PREMATURE_CLOSE'
  return results.find(([pattern]) => pattern.test(error ?? ''))?.[1] ?? 'OTHER'
}

import type { ReceiptRequest } from '../receipts/presented.js'

/** A request that presents a receipt, with the vendor it is for. */
export type VendorRequest = ReceiptRequest & { vendor: string }

/** Returns a line that works when pasted into a POSIX shell. */
export function curlLine(request: VendorRequest, address: SandboxAddress): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)
  return ['curl -i', quoted(requestUrl(request, address)), ...headers, '--data-raw', quoted(request.body)].join(' ')
}

/** Address of a sandbox and the workspace in it, the one of the address unless named. */
export interface SandboxAddress {
  url: string
  workspace?: string | undefined
}

/** Returns the whole address of a request. */
export function requestUrl({ vendor, path }: VendorRequest, { url, workspace }: SandboxAddress): string {
  return `${url}${workspace === undefined ? '' : `/@${workspace}`}/${vendor}${path}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

import type { Request } from '../../kernel/request.js'

/** Returns the bundle id in the token or the receipt of a request, so that a workspace can claim it. Nothing is verified. */
export function credential(request: Request): string | undefined {
  return request.path.endsWith('/verifyReceipt') ? bundleOfReceipt(request.body) : bundleOfToken(request.header('authorization') ?? '')
}

function bundleOfToken(header: string): string | undefined {
  const body = /^bearer +[\w-]+\.([\w-]+)\.[\w-]+ *$/i.exec(header)?.[1]
  if (body === undefined || body.length > longestToken) return undefined
  return textMember(Buffer.from(body, 'base64url'), 'bid')
}

const longestToken = 4_096

/** Searches a receipt of either style for its bundle id by the bytes around it, because the reader of receipts takes longer to load. */
function bundleOfReceipt(body: Uint8Array): string | undefined {
  const receipt = Buffer.from(textMember(body, 'receipt-data') ?? '', 'base64')
  const at = receipt.indexOf(bundleAttribute)
  const [, tag, length = 0] = receipt.subarray(at + bundleAttribute.length)
  const start = at + bundleAttribute.length + 3
  if (at >= 0 && tag === utf8Tag) return receipt.toString('utf8', start, start + length)
  const purchase = /"purchase-info"\s*=\s*"([\w+/=]+)"/.exec(receipt.toString('latin1'))?.[1] ?? ''
  return /"bid"\s*=\s*"([^"]+)"/.exec(Buffer.from(purchase, 'base64').toString())?.[1]
}

/** Attribute 2 of a receipt in version 1, up to the tag of its value. */
const bundleAttribute = Buffer.from('02010202010104', 'hex')
const utf8Tag = 0x0c

function textMember(json: Uint8Array, name: string): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(json).toString())
    const found = typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined
    return typeof found === 'string' ? found : undefined
  } catch {
    return undefined
  }
}

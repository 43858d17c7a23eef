import type { Request } from '../../kernel/request.js'

/** Returns the bundle id in the token of a request, so that a workspace can claim it. Nothing is verified. */
export function credential(request: Request): string | undefined {
  const body = /^bearer +[\w-]+\.([\w-]+)\.[\w-]+ *$/i.exec(request.header('authorization') ?? '')?.[1]
  if (body === undefined || body.length > longest) return undefined
  try {
    const payload: unknown = JSON.parse(Buffer.from(body, 'base64url').toString())
    const bid = typeof payload === 'object' && payload !== null && 'bid' in payload ? payload.bid : undefined
    return typeof bid === 'string' ? bid : undefined
  } catch {
    return undefined
  }
}

const longest = 4_096

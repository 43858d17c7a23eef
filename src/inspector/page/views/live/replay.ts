import type { Entry } from '../../shapes.js'

/** Body of the control call that sends a request again: by its id, or whole if only this tab has it. */
export function replayOf(entry: Entry): Record<string, unknown> {
  const { id, method, url, headers, body } = entry
  if (entry.copiedAt === undefined) return { id }
  const pairs = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))
  return { method, url, headers: pairs, body: body.text }
}

/** True if nothing can send the request again: the sandbox has dropped it, and its body is not text. */
export function isLost({ copiedAt, body }: Entry): boolean {
  return copiedAt !== undefined && body.encoding === 'base64'
}

/** Returns a URL with the prefix of a vendor before its path, behind the host and the workspace that it names. */
export function withPrefix(url: string, prefix: string): string {
  return url.replace(/^(?:[a-z][a-z\d+.-]*:\/\/[^/?]*)?(?:\/@[^/?]*)?/i, `$&${prefix}`)
}

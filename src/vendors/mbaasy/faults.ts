import { isIP } from 'node:net'
import { nameOfKind } from '../../kernel/body.js'
import type { JsonObject } from '../../kernel/table.js'

/** A fault of a request: which field (`base` for none), what Mbaasy says of it, and a sentence for testers with the value seen. */
export interface FieldFault {
  field: string
  text: string
  seen: string
}

/** Texts by field, as they go out. */
export function textsByField(faults: readonly FieldFault[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {}
  for (const { field, text } of faults) (fields[field] ??= []).push(text)
  return fields
}

/** What any upload may carry. A member is absent when the request did not carry it; null clears. */
export interface Annotations {
  userIdentifier?: string | null
  ipAddress?: string | null
  metadata?: JsonObject | null
}

/** Reads what any upload may carry, noting what is wrong with it. */
export function readAnnotations(body: JsonObject, faults: FieldFault[]): Annotations {
  const annotations: Annotations = {}
  const { user_identifier: user, ip_address: ip, metadata } = body
  if (user === null || typeof user === 'string') annotations.userIdentifier = user
  else if (user !== undefined) {
    faults.push({
      field: 'user_identifier',
      text: 'must be a string',
      seen: `user_identifier is ${nameOfKind(user)}; it takes a text or null.`,
    })
  }
  if (ip === null || (typeof ip === 'string' && ip.toLowerCase() === 'null')) annotations.ipAddress = null
  else if (typeof ip === 'string' && isIP(ip) !== 0) annotations.ipAddress = ip
  else if (ip !== undefined) {
    faults.push({
      field: 'ip_address',
      text: 'is not a valid IP address',
      seen: `ip_address is ${show(ip)}; it takes an IPv4 or IPv6 address, or null to store none.`,
    })
  }
  if (metadata === null || isObject(metadata)) annotations.metadata = metadata
  else if (metadata !== undefined) {
    faults.push({
      field: 'metadata',
      text: 'must be an object',
      seen: `metadata is ${nameOfKind(metadata)}; it takes a JSON object or null.`,
    })
  }
  return annotations
}

/** A string that must be there; `namesElsewhere` are names under which it may have come by mistake. */
export function requiredText(
  body: JsonObject,
  field: string,
  faults: FieldFault[],
  namesElsewhere: readonly string[] = [],
): string | undefined {
  const value = body[field]
  if (typeof value === 'string' && value !== '') return value
  if (value === undefined || value === null || value === '') {
    const misnamed = namesElsewhere.find((name) => body[name] !== undefined)
    const hint = misnamed === undefined ? '' : ` The request has ${show(misnamed)} with ${show(body[misnamed])}; call it ${field}.`
    faults.push({
      field,
      text: "can't be blank",
      seen: `${field} is ${value === '' ? 'empty' : nameOfKind(value)}; it is mandatory.${hint}`,
    })
    return undefined
  }
  faults.push({ field, text: 'must be a string', seen: `${field} is ${nameOfKind(value)}; it takes a text.` })
  return undefined
}

/** A text that may be left out; null and an empty text count as left out. */
export function optionalText(body: JsonObject, field: string, faults: FieldFault[]): string | undefined {
  const value = body[field]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  faults.push({ field, text: 'must be a string', seen: `${field} is ${nameOfKind(value)}; it takes a text.` })
  return undefined
}

/** A value as a tester should see it, cut where it is long. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

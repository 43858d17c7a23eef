import { nestsDeeper } from '../kernel/json/depth.js'

/** A JSON object from an untrusted string, or why it is not one, worded to follow "the data ". */
export type JsonObject = { ok: true; value: Record<string, unknown> } | { ok: false; reason: string }

/** Reads a JSON object of bounded depth, so that recursive functions on it cannot run out of stack. */
export function readJsonObject(text: string): JsonObject {
  if (nestsDeeper(text, deepest)) return { ok: false, reason: `nests deeper than ${deepest} levels` }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ok: true, value: value as Record<string, unknown> }
    return { ok: false, reason: `is JSON, but ${kindOf(value)} in place of an object` }
  } catch (error) {
    return { ok: false, reason: `is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** Names the kind of a JSON value for a sentence. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** True if a value nests deeper than `readJsonObject` accepts. */
export function nestsTooDeep(value: unknown, levels: number = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => nestsTooDeep(member, levels - 1))
}

const deepest = 64

import { nestsDeeper } from '../kernel/json/depth.js'

/** A JSON object out of untrusted text, or why there is none, worded to follow "the data ". */
export type JsonObject = { ok: true; value: Record<string, unknown> } | { ok: false; reason: string }

/** Reads a JSON object of bounded depth, so that whoever walks it or writes it out again cannot run out of stack. */
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

/** What kind of JSON value something is, in words for a sentence. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Whether a value nests deeper than `readJsonObject` would take back. */
export function nestsTooDeep(value: unknown, levels: number = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => nestsTooDeep(member, levels - 1))
}

const deepest = 64

import { nameOfKind, type Read } from '../kernel/body.js'
import { nestsDeeper } from '../kernel/json/depth.js'

/**
 * Reads a JSON object out of an untrusted string; its depth is bounded, so that recursive functions on it cannot run out of stack. The
 * reason is worded to follow "the data ".
 */
export function parseObject(text: string): Read<Record<string, unknown>> {
  if (nestsDeeper(text, deepest)) return { ok: false, reason: `nests deeper than ${deepest} levels` }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ok: true, value: value as Record<string, unknown> }
    return { ok: false, reason: `is JSON, but ${nameOfKind(value)} in place of an object` }
  } catch (error) {
    return { ok: false, reason: `is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** True if a value nests deeper than `parseObject` accepts. */
export function nestsTooDeep(value: unknown, levels: number = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((member) => nestsTooDeep(member, levels - 1))
}

const deepest = 64

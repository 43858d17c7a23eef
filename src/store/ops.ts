import type { Seed } from './rows/seed.js'

/**
 * What a transaction does, in order, in the journal's words. A row comes with its length in bytes, so that a reader finds its
 * end without parsing it.
 */
export class OpLog {
  readonly texts: string[] = []
  /** Seeds the operations refer to. */
  readonly seeds: Seed[] = []

  put(table: string, key: string, text: string): void {
    this.texts.push(`["put",${JSON.stringify(table)},${JSON.stringify(key)},${Buffer.byteLength(text)},${text}]`)
  }

  delete(table: string, key: string): void {
    this.texts.push(`["delete",${JSON.stringify(table)},${JSON.stringify(key)}]`)
  }

  make(seed: Seed): void {
    this.seeds.push(seed)
    this.texts.push(`["make","${seed.fingerprint}"]`)
  }

  drop(): void {
    this.texts.push('["drop"]')
  }
}

/** The operations that write a seed down: its name, then each row. */
export function* seedOps(seed: Seed): Generator<string> {
  yield `["seed","${seed.fingerprint}"]`
  for (const [table, { rows }] of seed.tables) {
    for (const { key, row } of rows) {
      const text = JSON.stringify(row)
      const names = `"${seed.fingerprint}",${JSON.stringify(table)},${JSON.stringify(key)}`
      yield `["sow",${names},${Buffer.byteLength(text)},${text}]`
    }
  }
}

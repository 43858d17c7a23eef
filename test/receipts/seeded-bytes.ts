import { createHash } from 'node:crypto'

/** A source of bytes that gives the same ones for the same seed, for minting in tests. */
export function seededBytes(seed: string): (size: number) => Buffer {
  let drawn = 0
  return (size) => {
    const blocks: Buffer[] = []
    for (let made = 0; made < size; made += 32)
      blocks.push(
        createHash('sha256')
          .update(`${seed} ${(drawn += 1)}`)
          .digest(),
      )
    return Buffer.concat(blocks).subarray(0, size)
  }
}

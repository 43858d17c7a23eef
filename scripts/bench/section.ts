import type { Figure } from './figure.js'

/** Durations and repetitions of measurements. */
export interface Pace {
  /** Seconds of one press. */
  seconds: number
  /** Turns in which the compared take each other's place. */
  rounds: number
  /** Pairs for what differs by a few per cent. */
  pairs: number
  /** Different receipts of each kind. */
  receipts: number
  /** Most stored rows. */
  rows: number
}

/** The pace of a full run and of `--quick`. */
export const paces: Record<'full' | 'quick', Pace> = {
  full: { seconds: 0.4, rounds: 3, pairs: 7, receipts: 4_000, rows: 500_000 },
  quick: { seconds: 0.4, rounds: 1, pairs: 3, receipts: 2_500, rows: 50_000 },
}

/** An independent part of the benchmark. */
export interface Section {
  id: string
  title: string
  run(pace: Pace, say: (line: string) => void): Promise<Figure[]>
}

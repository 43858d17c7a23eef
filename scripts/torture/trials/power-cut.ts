import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { judge } from '../power-cut/judge.js'
import { record, type Sync } from '../power-cut/scenario.js'
import { cutStates } from '../power-cut/states.js'
import { allWrongs, noWrongs, type Trial, type Wrongs } from '../trial.js'

/** The store is opened on every state of its files that a power cut could leave. */
export const powerCut: Trial = {
  name: 'power-cut',
  summary: 'each state of the files that a power cut could leave, under each --sync',
  async run({ quick, say }) {
    const parts: Wrongs[] = [noWrongs()]
    const found: string[] = []
    let count = 0
    for (const [sync, everyInShort] of [
      ['always', 10],
      ['interval', 20],
      ['never', 150],
    ] as const) {
      const { judged, recovered, wrongs } = await tryAll(sync, quick ? everyInShort : 1)
      say(`--sync ${sync}: ${judged} states`)
      count += judged
      parts.push(wrongs)
      found.push(`--sync ${sync}: ${judged} states, ${recovered} of them needed --recover, which the refusal named`)
    }
    return { ...allWrongs(...parts), done: `${count} states`, found }
  },
}

/** Judges every `every`th state that a power cut could leave under one `--sync`. */
async function tryAll(sync: Sync, every: number): Promise<{ judged: number; recovered: number; wrongs: Wrongs }> {
  const directory = mkdtempSync(join(tmpdir(), 'coinslot-power-'))
  try {
    const recording = await record(directory, sync)
    const parts: Wrongs[] = [noWrongs()]
    let [at, judged, recovered] = [0, 0, 0]
    for (const state of cutStates(recording.operations)) {
      if (at++ % every !== 0) continue
      const { isRecovered, ...wrongs } = await judge(state, recording, sync)
      judged += 1
      if (isRecovered) recovered += 1
      parts.push(wrongs)
    }
    return { judged, recovered, wrongs: allWrongs(...parts) }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { fold, type Folded, type FoldOrder } from './fold.js'

const compiled = new URL('./compaction-worker.js', import.meta.url)
const source = new URL('./compaction-worker.ts', import.meta.url)

/** Rows that are read stay, so room for short-lived ones would be memory taken for nothing. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

/** What a thread runs that must read TypeScript: a thread does not take over the loaders of its process. */
const sourceBoot = 'import(process.argv[2]).then(({ register }) => { register(); return import(process.argv[3]) })'

/**
 * Folds in a thread of its own, which reads and writes files and nothing of this thread's memory. Run from its sources, it needs
 * tsx to do so; where that is missing, it folds right here.
 */
export function foldInThread(order: FoldOrder): Promise<Folded> {
  if (existsSync(compiled)) return answer(new Worker(compiled, { workerData: order, resourceLimits }))
  const loader = loaderOfSources()
  return loader ? answer(new Worker(sourceBoot, { eval: true, argv: [loader, source.href], workerData: order })) : fold(order)
}

function loaderOfSources(): string | undefined {
  try {
    const tsx = createRequire(import.meta.url).resolve('tsx/package.json')
    const loader = new URL('dist/esm/api/index.mjs', pathToFileURL(tsx))
    return existsSync(loader) && existsSync(source) ? loader.href : undefined
  } catch {
    return undefined
  }
}

function answer(worker: Worker): Promise<Folded> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread ended early with code ${code}`)))
  })
}

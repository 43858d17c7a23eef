import { parentPort, workerData } from 'node:worker_threads'
import { fold, type FoldOrder } from './fold.js'

// The thread is started by compaction.ts of the same version with exactly this.
const order = workerData as FoldOrder

parentPort?.postMessage(await fold(order))

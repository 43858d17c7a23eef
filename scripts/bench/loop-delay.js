// Loaded into a server before it starts: at each SIGUSR2 it writes down the longest time its event loop stood still since the last one.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
process.on('SIGUSR2', () => {
  writeFileSync(process.env['BENCH_DELAY_FILE'] ?? '', String(delay.max / 1e6))
  delay.reset()
})

// Entry of the single executable. It has no top-level await, which the format of its bundle does not support.
import { run } from '../../src/cli/program.js'

void run(process.argv.slice(2))

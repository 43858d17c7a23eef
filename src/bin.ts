#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `coinslot needs Node 20.19 or later; this is Node ${process.versions.node}. Install a newer one from your package manager.\n`,
  )
  process.exitCode = 1
} else {
  // Where Node can (22.1 and later) it keeps what it compiled, so that the next start need not do it again.
  const { enableCompileCache } = (await import('node:module')) as { enableCompileCache?: () => unknown }
  enableCompileCache?.()
  const { run } = await import('./cli/program.js')
  await run(process.argv.slice(2))
}

import { Command } from 'commander'
import pc from 'picocolors'
import type { Check } from '../doctor/check.js'
import { readSettings, withSettings } from './settings.js'

/** `coinslot doctor`: what on this machine stands between a game and the sandbox, and how to mend it. */
export function doctorCommand(): Command {
  return withSettings(new Command('doctor').description('check Node, ports, data directory, names, trust and clock; say how to mend each'))
    .option('--url <url>', 'the running sandbox (default: COINSLOT_URL, or where the settings put it)')
    .option('--json', 'answer in JSON')
    .action(async ({ url, json, ...flags }: { url?: string; json?: boolean }) => {
      const config = readSettings(flags, { env: process.env, file: 'coinslot.config.json' })
      const { examineAll } = await import('../doctor/examine-all.js')
      const checks = await examineAll(config, url ?? process.env['COINSLOT_URL'])
      const ok = checks.every((check) => check.ok)
      const text = json ? `${JSON.stringify({ ok, checks })}\n` : `${checks.map(lineOf).join('\n')}\n`
      // Look-ups that nobody waits for any more would hold the process up.
      process.stdout.write(text, () => process.exit(ok ? 0 : 1))
    })
}

function lineOf({ name, ok, detail, mend }: Check): string {
  const word = ok ? pc.green('ok   ') : pc.red('wrong')
  const line = `${word} ${name.padEnd(20)} ${detail}`
  return mend === undefined ? line : `${line}\n      ${''.padEnd(20)} ${mend}`
}

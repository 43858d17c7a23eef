import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { chromiumPath, quietChromium } from '../../test/support/chromium.js'
import { median } from './figure.js'
import { startCoinslot } from './processes.js'

/**
 * Milliseconds from the command line to the inspector's first view in a browser that runs already and has never seen the page;
 * undefined where there is no Chromium.
 */
export async function firstView(rounds: number): Promise<number | undefined> {
  if (!existsSync(chromiumPath)) return undefined
  const browser = await chromium.launch({ executablePath: chromiumPath, args: [...quietChromium] })
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const began = performance.now()
    const server = await startCoinslot(['--memory'])
    await page.goto(`${server.url}/_sandbox/`)
    await page.getByRole('main').getByRole('heading').first().waitFor()
    times.push(performance.now() - began)
    await context.close()
    await server.stop()
  }
  await browser.close()
  return median(times)
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { chromiumPath, quietChromium } from '../support/chromium.js'
import { aFile, aFolder, aSecureSandbox, purchase, run } from './kit.js'

test('Chromium with the authority in its store opens a vendor’s own name, and its pages can buy', async () => {
  const sandbox = await aSecureSandbox()
  const browser = await aBrowser(await aHomeThatTrusts(sandbox.ca))
  const page = await browser.newPage()

  const reply = await page.goto(`https://api.gocarrot.com:${sandbox.port}/nothing`)
  const bought = await page.evaluate(async (body) => {
    const answer = await fetch('/v2/purchase', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    return [answer.status, await answer.text()]
  }, purchase)

  expect(reply?.status()).toBe(404)
  expect((await reply?.securityDetails())?.subjectName).toBe('api.gocarrot.com')
  expect(bought).toEqual([200, '{"code":200}'])
})

test('Chromium opens a vendor under localhost over TLS, with a workspace in the name', async () => {
  const sandbox = await aSecureSandbox()
  const browser = await aBrowser(await aHomeThatTrusts(sandbox.ca))
  const page = await browser.newPage()

  const reply = await page.goto(`https://ci-7.teak.localhost:${sandbox.port}/nothing`)

  expect(reply?.status()).toBe(404)
  expect(reply?.headers()['x-sandbox-request']).toMatch(/^r-/)
})

test('Chromium that does not know the authority refuses', async () => {
  const sandbox = await aSecureSandbox()
  const browser = await aBrowser(aFolder())
  const page = await browser.newPage()

  await expect(page.goto(`https://api.gocarrot.com:${sandbox.port}/`)).rejects.toThrow('ERR_CERT_AUTHORITY_INVALID')
})

/** As "coinslot ca --install-hint linux" says. */
async function aHomeThatTrusts(ca: string): Promise<string> {
  const home = aFolder()
  const database = join(home, '.pki', 'nssdb')
  mkdirSync(database, { recursive: true })
  const file = aFile('ca.pem', ca)
  expect((await run('certutil', ['-d', `sql:${database}`, '-N', '--empty-password'])).code).toBe(0)
  expect((await run('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'coinslot', '-i', file])).code).toBe(0)
  return home
}

async function aBrowser(home: string): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    env: { ...process.env, HOME: home },
    args: [...quietChromium, '--no-proxy-server', '--host-resolver-rules=MAP api.gocarrot.com 127.0.0.1'],
  })
  onTestFinished(() => browser.close())
  return browser
}

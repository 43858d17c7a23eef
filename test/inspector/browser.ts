import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest'
import { createSandbox, type SandboxOptions } from '../../src/index.js'
import { afterFile } from '../support/after-file.js'
import { chromiumPath, quietChromium } from '../support/chromium.js'
import { builtPage } from './built-page.js'
import { teakPurchase } from './purchase.js'

export { teakPurchase }

type TestSandbox = Awaited<ReturnType<typeof createSandbox>>

/** The page in a real browser, with a separate sandbox. */
export interface OpenPage {
  sandbox: TestSandbox
  page: Page
  /** Opens a view, such as `/faults`. */
  go(view: string): Promise<void>
  /** Leaves the sandbox for an empty page. */
  leave(): Promise<void>
  /** Returns the accessibility violations that axe finds on the page. */
  violations(): Promise<string[]>
}

interface Wishes {
  view?: string
  width?: number
  theme?: 'light' | 'dark'
  options?: SandboxOptions
  /** Runs before the page is opened. */
  before?: (sandbox: TestSandbox) => Promise<unknown>
}

/** Starts one browser for a test file. Returns a function that opens the page; a page that logs an error fails its test. */
export function useBrowser(): (wishes?: Wishes) => Promise<OpenPage> {
  let browser: Browser | undefined
  let context: BrowserContext | undefined
  let page: Page | undefined
  let blank = ''
  // A browser is slow on a busy machine. A real failure is reported long before.
  vi.setConfig({ testTimeout: 90_000 })
  beforeAll(async () => {
    await builtPage()
    blank = await aBlankPage()
    browser = await chromium.launch({ executablePath: chromiumPath, args: [...quietChromium] })
    context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
    page = await context.newPage()
    page.setDefaultTimeout(30_000)
  })
  afterAll(() => browser?.close())

  return async ({ view = '/live', width = 1280, theme = 'light', options = {}, before } = {}) => {
    const tab = page!
    const sandbox = await createSandbox({ memory: true, port: 0, ...options })
    await before?.(sandbox)
    await tab.setViewportSize({ width, height: 900 })
    await tab.emulateMedia({ colorScheme: theme })
    const wrong = watch(tab, sandbox.url, blank)
    const leave = async () => {
      await tab.goto(blank)
    }
    const go = async (target: string) => {
      await tab.goto(`${sandbox.url}/_sandbox/#${target}`)
    }
    onTestFinished(async () => {
      await leave()
      tab.removeAllListeners()
      await sandbox.close()
      expect(wrong).toEqual([])
    })
    await go(view)
    return { sandbox, page: tab, go, leave, violations: () => violationsOf(tab) }
  }
}

/** Serves an empty page until the end of the file. The browser keeps its process from one page of 127.0.0.1 to the next; with about:blank it starts another. */
async function aBlankPage(): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><link rel="icon" href="data:,">')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterFile.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** Collects errors of the page and requests to other servers. */
function watch(page: Page, url: string, blank: string): string[] {
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('console', (message) => {
    // A refusal or a broken connection that a test provokes is logged by the browser itself.
    const isRefusal = /^Failed to load resource: (net::ERR_|.* status of 4)/.test(message.text())
    if (message.type() === 'error' && !isRefusal) wrong.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && request.url() !== blank && !/^(data|blob|about):/.test(request.url()))
      wrong.push(`asked ${request.url()}`)
  })
  return wrong
}

async function violationsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(axeSource)
  const found = await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations'], selectors: false })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).slice(0, 3).join(' ')))`,
  )
  return found as string[]
}

/** Sends a purchase of the default seed's player, which becomes entry r-1. */
export function purchased(sandbox: TestSandbox): Promise<Response> {
  return sandbox.fetch('/teak/v2/purchase', teakPurchase())
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

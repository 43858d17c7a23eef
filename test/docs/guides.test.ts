import { expect, test } from 'vitest'
import { drawDiagram } from '../../src/docs/diagram.js'
import { followLink } from '../../src/docs/papers.js'
import { echo } from '../support/echo.js'
import { aSandbox } from '../support/sandbox.js'

test.each(['guide', 'changes', 'contributing', 'licences'])(
  '%s is served as a page that loads nothing from elsewhere and runs nothing',
  async (name) => {
    const sandbox = await aSandbox()

    const answer = await sandbox.ask(`/_sandbox/docs/${name}`)
    const page = await answer.text()

    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
    expect(page).toMatch(/<h1 id="[\w-]+">/)
    expect(page).not.toMatch(/<script|src="http|@import/i)
  },
)

test('every vendor that is on has a page, one of your own too', async () => {
  const sandbox = await aSandbox({ roster: [echo], seedDocument: { echo: { notes: [] } } })

  const answer = await sandbox.ask('/_sandbox/docs/vendors/echo')
  const page = await answer.text()

  expect(answer.status).toBe(200)
  expect(page).toContain('<h3 id="post-echo">POST /echo</h3>')
  expect(page).toContain('echo.notes')
})

test('what a vendor says of itself is written as text', async () => {
  const sandbox = await aSandbox({ roster: [{ ...echo, title: '<script>x</script>', notModelled: ['<img src=x>'] }], seedDocument: {} })

  const page = await (await sandbox.ask('/_sandbox/docs/vendors/echo')).text()

  expect(page).not.toMatch(/<script|<img/)
  expect(page).toContain('&lt;img src=x&gt;')
})

test.each(['docs/nothing', 'docs/vendors/nobody', 'docs/..%2Fpackage.json', 'docs/%2e%2e%2fLICENSE'])(
  '%s is a problem that says what there is',
  async (path) => {
    const sandbox = await aSandbox()

    const answer = await sandbox.ask(`/_sandbox/${path}`)

    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  },
)

test('every link of a page leads to a page that is served, or elsewhere', async () => {
  const sandbox = await aSandbox()
  const seen = new Set<string>()
  const dead: string[] = []

  for (const start of ['guide', 'contributing', 'changes', 'licences', 'vendors/teak', 'vendors/kakao']) {
    const base = `http://127.0.0.1:4010/_sandbox/docs/${start}`
    const page = await (await sandbox.ask(base)).text()
    for (const [, href] of page.matchAll(/(?:href|src)="([^"#][^"]*)"/g)) {
      const target = new URL(href!, base)
      if (target.host !== '127.0.0.1:4010' || target.protocol === 'data:' || seen.has(target.pathname)) continue
      seen.add(target.pathname)
      if ((await sandbox.ask(target.pathname)).status !== 200) dead.push(`${start}: ${href}`)
    }
  }

  expect(seen.size).toBeGreaterThan(8)
  expect(dead).toEqual([])
})

test.each([
  ['docs/vendors/teak.md#calls', 'README.md', 'vendors/teak#calls'],
  ['CHANGELOG.md', 'README.md', 'changes'],
  ['../README.md#limits', 'docs/contributing.md', 'guide#limits'],
  ['../../README.md', 'docs/vendors/teak.md', '../guide'],
  ['docs/inspector.png', 'README.md', 'inspector.png'],
  ['https://example.com/', 'README.md', 'https://example.com/'],
  ['src/index.ts', 'README.md', undefined],
])('a link to %s on %s leads to %s', (href, from, target) => {
  expect(followLink(href, from)).toBe(target)
})

test('the picture of the house is drawn', async () => {
  const sandbox = await aSandbox()

  const page = await (await sandbox.ask('/_sandbox/docs/contributing')).text()

  expect(page).not.toContain('flowchart TD')
  expect(page).toMatch(/<svg [^>]*aria-label="doors may use whole, .*contract may use ground"/)
  expect(page.match(/<rect /g)).toHaveLength(7)
})

test.each(['flowchart LR\n  a["a: b"]', 'flowchart TD\n  a --> b', 'flowchart TD\n  a["a: b"]\n  b["b: c"]\n  a --> b\n  b --> a'])(
  'a diagram that cannot be drawn stays as it is written: %j',
  (source) => {
    expect(drawDiagram(source)).toBeUndefined()
  },
)

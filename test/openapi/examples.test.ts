import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { curlLine, exampleRequest } from '../../src/openapi/page/call.js'
import type { Operation } from '../../src/openapi/operations.js'
import { packagedVendors } from '../../src/sandbox/roster.js'
import { aSandbox, type TestSandbox } from '../support/sandbox.js'

const calls = packagedVendors.flatMap(({ id, routes }) => routes.map(({ method, path }) => [method, path, id] as const))

describe('the request that the documents show for', () => {
  test.each(calls)('%s %s of %s works on a fresh sandbox, or it says what it needs', async (method, path, id) => {
    const sandbox = await aSandbox()
    const operation = await operationOf(sandbox, method, `/${id}${path}`)
    const { target, headers, body } = exampleRequest(method, `/${id}${path}`, operation)
    const reply = await sandbox.ask(target, { method, headers: Object.fromEntries(headers), ...(body !== undefined && { body }) })
    const said = `${reply.status} ${await reply.text()}`

    expect(target).not.toMatch(/[{}]/)
    const { traffic } = await sandbox.context.workspaces.open('default')
    // Some refusals have the status 200, such as those of OCSP.
    const refusal = `${traffic.kept().at(-1)?.verdict}: ${said}`
    if (operation['x-needs'] === undefined) expect(said).toMatch(/^2/)
    else expect(refusal).toMatch(/^refused/)
  })
})

test('the request that the documents show for a control call works on a fresh sandbox, or it says what it needs', async () => {
  const wrong: string[] = []
  const { paths } = await documentOf(await aSandbox())
  const control = Object.entries(paths).filter(([path]) => path.startsWith('/_sandbox'))
  for (const [path, operations] of control) {
    for (const [verb, operation] of Object.entries(operations)) {
      const sandbox = await aSandbox()
      const { method, target, headers, body } = exampleRequest(verb.toUpperCase(), path, operation)
      const reply = await sandbox.ask(target, { method, headers: Object.fromEntries(headers), ...(body !== undefined && { body }) })
      const isStream = reply.headers.get('content-type')?.startsWith('text/event-stream')
      const said = `${method} ${target}: ${reply.status} ${isStream ? '' : await reply.text()}`
      if (isStream) await reply.body?.cancel()
      if (/[{}]/.test(target) || reply.status >= 400 !== (operation['x-needs'] !== undefined)) wrong.push(said.slice(0, 300))
    }
  }

  expect(control.length).toBeGreaterThan(40)
  expect(wrong).toEqual([])
})

test('a curl line survives the shell as it was meant', async () => {
  const line = curlLine({ method: 'PUT', target: '/x?a=1&b=%7B', headers: [['A', 'it’s $HOME']], body: `{"a":"it's \`b\` $c"}` })
  const { stdout } = await promisify(execFile)('sh', ['-c', line.replace('curl', `printf '%s\\n'`)], {
    env: { COINSLOT_URL: 'http://h:1' },
  })

  expect(stdout.split('\n')).toEqual([
    '-X',
    'PUT',
    'http://h:1/x?a=1&b=%7B',
    '-H',
    'A: it’s $HOME',
    '--data-raw',
    `{"a":"it's \`b\` $c"}`,
    '',
  ])
})

async function operationOf(sandbox: TestSandbox, method: string, path: string): Promise<Operation> {
  return (await documentOf(sandbox)).paths[path]![method.toLowerCase()]!
}

interface Document {
  paths: Record<string, Record<string, Operation>>
}

/** Made once, because it is the same for every fresh sandbox and takes longer than the requests themselves. */
let made: Promise<Document> | undefined

function documentOf(sandbox: TestSandbox): Promise<Document> {
  return (made ??= sandbox.control('GET', 'openapi.json') as Promise<Document>)
}

import { buffer } from 'node:stream/consumers'
import { Command } from 'commander'
import { problemFrom } from '../client/control-client.js'
import { parseWithLargeNumbers } from '../kernel/json/as-sent.js'
import { parseExactJson, writeExactJson } from '../kernel/json/exact.js'
import { nameOfKind } from '../kernel/body.js'
import { decodeText, readTextFile } from '../kernel/text-file.js'
import { describeVerification, type Expectation, type VerificationResult } from '../client/verification.js'
import { clientFor, findConnection, withConnection, workspaceOf, type ConnectionFlags } from './connection.js'
import { print } from './output.js'
import { UsageError, withExamples } from './usage.js'
import { sentence } from '../kernel/show.js'

/** `coinslot verify`: a check of the calls that a running sandbox received; exit 1 when it fails or cannot be known. */
export function verifyCommand(): Command {
  const command = withConnection(
    new Command('verify')
      .summary('check which calls a sandbox received')
      .description('check which calls a running sandbox received; exit 1 when it fails'),
  )
  withExamples(command, [
    `coinslot verify '{"vendor":"teak","outcome":"recorded","times":1}'`,
    `coinslot verify '{"path":"/v2/purchase"}' --within 5`,
  ])
  return command
    .argument('<expectation>', 'JSON, a file that holds it, or - for standard input')
    .option('--within <seconds>', 'wait up to 60 seconds until it holds')
    .action(async (source: string, { within, ...flags }: ConnectionFlags & { within?: string }) => {
      const expectation = await readExpectation(source)
      if (within !== undefined) expectation.withinMs = millisecondsOf(within)
      const connection = findConnection(flags)
      const reply = await clientFor(connection, workspaceOf(flags)).send('POST', 'verify', { text: writeExactJson(expectation) })
      const text = await reply.text()
      if (![200, 409, 417].includes(reply.status)) throw problemFrom(reply, text, connection.url)
      const result = parseWithLargeNumbers(text) as VerificationResult
      print(flags.json ? text : describeVerification(expectation, result))
      if (result.ok !== true) process.exitCode = 1
    })
}

async function readExpectation(source: string): Promise<Expectation> {
  const isInline = looksInline(source)
  const text = isInline
    ? source
    : await readSource(source).catch((error: Error) =>
        fail(`${source} cannot be read: ${sentence(error.message)} Give JSON in quotes, or a file that holds it.`),
      )
  const named = isInline ? 'The expectation' : source === '-' ? 'Standard input' : source
  const expectation = parsed(text, named)
  if (typeof expectation === 'object' && expectation !== null && !Array.isArray(expectation)) return expectation
  return fail(`${named} is ${nameOfKind(expectation)}. ${example}`)
}

function parsed(text: string, named: string): unknown {
  try {
    JSON.parse(text)
    return parseExactJson(text)
  } catch (error) {
    return fail(`${named} is not JSON: ${(error as Error).message}. ${example}`)
  }
}

/** True for JSON in place of a file name. A value that is not an object is refused by the sandbox, which names what it takes. */
function looksInline(source: string): boolean {
  if (/^\s*[{"]/.test(source)) return true
  try {
    JSON.parse(source)
    return true
  } catch {
    return false
  }
}

async function readSource(source: string): Promise<string> {
  return source === '-' ? decodeText(await buffer(process.stdin)) : readTextFile(source)
}

function millisecondsOf(seconds: string): number {
  const value = Number(seconds)
  if (Number.isFinite(value) && value >= 0 && value <= 60) return Math.round(value * 1000)
  return fail(`--within ${seconds}: invalid value; give seconds from 0 to 60.`)
}

const example = `Give an object such as '{"vendor":"teak","outcome":"recorded","times":1}'.`

function fail(message: string): never {
  throw new UsageError(message)
}

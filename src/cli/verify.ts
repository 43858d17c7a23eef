import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { problemFrom } from '../client/control-client.js'
import { describeVerification, type Expectation, type VerificationResult } from '../client/verification.js'
import { connect, withConnection, type ConnectionFlags } from './connection.js'
import { UsageError } from './usage-error.js'

/** `coinslot verify`: whether a running sandbox was called as expected; exit 1 when not, or when it cannot be known. */
export function verifyCommand(): Command {
  return withConnection(new Command('verify').description('run a verification against a running sandbox'))
    .argument('<expectation>', 'JSON, or a file with it')
    .option('--within <seconds>', 'wait this long for it')
    .action(async (source: string, { within, ...flags }: ConnectionFlags & { within?: string }) => {
      const expectation = await readExpectation(source)
      if (within !== undefined) expectation.withinMs = millisecondsOf(within)
      const reply = await connect(flags).send('POST', 'verify', { body: expectation })
      const text = await reply.text()
      if (![200, 409, 417].includes(reply.status)) throw problemFrom(reply, text, flags.url)
      const result = JSON.parse(text) as VerificationResult
      process.stdout.write(`${flags.json ? text : describeVerification(expectation, result)}\n`)
      if (result.ok !== true) process.exitCode = 1
    })
}

async function readExpectation(source: string): Promise<Expectation> {
  const isInline = source.trimStart().startsWith('{')
  const text = isInline
    ? source
    : await readFile(source, 'utf8').catch((error: Error) =>
        fail(`${source} cannot be read: ${error.message}. Give JSON in quotes, or a file that holds it.`),
      )
  try {
    return JSON.parse(text) as Expectation
  } catch (error) {
    return fail(`${isInline ? 'The expectation' : source} is not JSON: ${(error as Error).message}. ${example}`)
  }
}

function millisecondsOf(seconds: string): number {
  const value = Number(seconds)
  if (Number.isFinite(value) && value >= 0 && value <= 60) return Math.round(value * 1000)
  return fail(`--within ${seconds} will not do; give seconds from 0 to 60.`)
}

const example = `Give an object such as '{"vendor":"teak","outcome":"recorded","times":1}'.`

function fail(message: string): never {
  throw new UsageError(message)
}

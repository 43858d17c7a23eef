import { periodWords, spanWords } from '../marketplace/period.js'

/** An error of a connection in plain words, with its code; any other error as it is. */
export function connectionWords(error: string): string {
  const [, code = '', place = ''] = /\b(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)\b *(\S*)/.exec(error) ?? []
  const words = wordsOfCodes[code]
  return words === undefined ? error : `${words.replace('{}', place || 'the address')} (${code})`
}

const wordsOfCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at {}',
  ECONNRESET: 'the receiver cut the connection',
  ENOTFOUND: 'no host has the name {}',
  EAI_AGAIN: 'the name of {} could not be looked up',
  ETIMEDOUT: 'no answer from {} in time',
  EHOSTUNREACH: 'no way leads to {}',
}

/** A text with its ISO 8601 durations and its whole seconds of milliseconds in words: `P1M` is 1 month, `7200000 ms` 2 hours. */
export function plainDurations(text: string): string {
  return text
    .replaceAll(/\b(\d+) ms\b/g, (_given, ms: string) => spanWords(Number(ms)))
    .replaceAll(/(?<![\w.-])P[\dA-Z]+(?![\w.-])/g, (word) => periodWords(word))
}

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

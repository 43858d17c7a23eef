import type { Kind } from './calls.js'
import type { Answered } from './client.js'
import { expectThat, type Wrongs } from './trial.js'

/** Each vendor's reply if its rows cannot be stored: the status and the member with its message. */
const words: Readonly<Record<string, { status: number; says: RegExp }>> = {
  teak: { status: 500, says: /^\{"code":500,/ },
  kakao: { status: 503, says: /"desc":/ },
  gameofwhales: { status: 500, says: /InternalServer/ },
  ouya: { status: 500, says: /"error":/ },
  mbaasy: { status: 500, says: /"errors":\{"base":/ },
}

/** Notes a reply of 500 or more that is not in the words of its vendor. */
export function expectVendorsWords({ status, text }: Answered, { name, table }: Kind, wrongs: Wrongs): void {
  const said = words[table.split('/')[0]!]
  const isClean = said !== undefined && status === said.status && said.says.test(text)
  expectThat(isClean, wrongs.unclean, () => `${name} was refused with ${status} ${text}`)
}

import { expect, test } from 'vitest'
import { isReadOnly, storeFailure } from '../../src/store/redis/failures.js'
import { StorageFull, StoreUnavailable } from '../../src/store/store.js'

const passing = [
  "READONLY You can't write against a read only replica.",
  'NOREPLICAS Not enough good replicas to write.',
  'LOADING Redis is loading the dataset in memory',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'CLUSTERDOWN The cluster is down',
  'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  'TRYAGAIN Multiple keys request during rehashing of slot',
]
const full = ["OOM command not allowed when used memory > 'maxmemory'.", 'MISCONF Redis is configured to save RDB snapshots']

/** An error reply alone, of a script in Redis 7, and of a script in Redis 6. */
const forms: [string, (reply: string) => string][] = [
  ['alone', (reply) => reply],
  ['of a script in Redis 7', (reply) => `${reply} script: ff967d0ae0e68b4f9e360fa91c54598bc25ad9b6, on @user_script:1.`],
  [
    'of a script in Redis 6',
    (reply) => `ERR Error running script (call to f_ff967d0ae0e68b4f9e360fa91c54598bc25ad9b6): @user_script:5: @user_script: 5: -${reply}`,
  ],
]
const eachForm = (replies: readonly string[]) => forms.flatMap(([form, write]) => replies.map((reply) => [reply, form, write(reply)]))

test.each(eachForm(passing))('the reply "%s" %s is a store that is not available', (reply, _form, message) => {
  const failure = storeFailure(new Error(message))

  expect(failure).toBeInstanceOf(StoreUnavailable)
  expect(failure.message).toBe(`Redis does not accept this at the moment: ${reply}`)
})

test.each(eachForm(full))('the reply "%s" %s is a full store', (_reply, _form, message) => {
  expect(storeFailure(new Error(message))).toBeInstanceOf(StorageFull)
})

test.each([
  'ERR Error running script (call to f_ab): @user_script:1: Script attempted to access nonexistent global variable',
  'WRONGTYPE Operation against a key holding the wrong kind of value script: ab, on @user_script:1.',
  'ERR Error running script (call to f_ab): @user_script:1: @user_script: 1: the row says -READONLY now',
  "ERR unknown command 'READONLY' script: ab, on @user_script:1.",
])('"%s" stays a bug', (message) => {
  const failure = storeFailure(new Error(message))

  expect(failure).not.toBeInstanceOf(StoreUnavailable)
  expect(failure).not.toBeInstanceOf(StorageFull)
})

test('only a reply of a replica asks for another connection', () => {
  const replies = eachForm([...passing, ...full]).map(([, , message]) => message!)

  expect(replies.filter((message) => isReadOnly(new Error(message)))).toHaveLength(forms.length)
})

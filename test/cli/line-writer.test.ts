import { expect, test } from 'vitest'
import { lineWriter } from '../../src/cli/line-writer.js'

test('the lines of one turn leave in one write, in order', async () => {
  const { write, written } = aWriter()
  write('one')
  write('two')
  expect(written).toEqual([])
  await new Promise((resume) => setImmediate(resume))
  write('three')
  await new Promise((resume) => setImmediate(resume))
  expect(written).toEqual(['one\ntwo\n', 'three\n'])
})

test('what waits when the process ends is still written', () => {
  const { write, written, exit } = aWriter()
  write('last words')
  exit()
  expect(written).toEqual(['last words\n'])
})

function aWriter() {
  const written: string[] = []
  let exit = () => {}
  const stream = {
    write(text: string) {
      written.push(text)
      return true
    },
  }
  const write = lineWriter(stream, (flush) => (exit = flush))
  return { write, written, exit: () => exit() }
}

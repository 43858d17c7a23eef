import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { lineWriter, type LineStream } from '../../src/cli/log.js'

test('the lines of one turn leave in one write, in order', async () => {
  const { write, written } = aWriter()
  write('one')
  write('two')
  expect(written).toEqual([])
  await aTurn()
  write('three')
  await aTurn()
  expect(written).toEqual(['one\ntwo\n', 'three\n'])
})

test('lines that wait when the process ends are still written', () => {
  const { write, written, exit } = aWriter()
  write('last words')
  exit()
  expect(written).toEqual(['last words\n'])
})

test('lines are dropped while the reader does not read, and the next line is preceded by their number', async () => {
  const { write, written, stream } = aWriter()
  stream.writableLength = 101
  write('lost')
  write('lost too')
  await aTurn()
  stream.writableLength = 100
  write('kept')
  await aTurn()

  expect(written).toEqual(['2 dropped\nkept\n'])
})

test('when the reader reads again, the number of dropped lines is written without waiting for a next line', async () => {
  const { write, written, stream } = aWriter()
  stream.writableLength = 101
  write('lost')
  await aTurn()
  stream.writableLength = 0
  stream.emit('drain')
  stream.emit('drain')

  expect(written).toEqual(['1 dropped\n'])
})

function aTurn(): Promise<void> {
  return new Promise((resume) => setImmediate(resume))
}

class FakeStream extends EventEmitter {
  writableLength = 0
  readonly destroyed = false
  readonly written: string[] = []

  write(text: string): boolean {
    this.written.push(text)
    return true
  }
}

function aWriter() {
  const stream = new FakeStream()
  let exit = () => {}
  const write = lineWriter(stream as unknown as LineStream, {
    bound: 100,
    droppedLine: (count) => `${count} dropped`,
    onExit: (flush) => (exit = flush),
  })
  return { write, written: stream.written, stream, exit: () => exit() }
}

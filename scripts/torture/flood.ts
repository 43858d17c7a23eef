import { connect } from 'node:net'

/** Result of a flood of requests. */
export interface Flooded {
  answers: Map<number, number>
  /** Milliseconds it took. */
  tookMs: number
}

/** Sends requests as they stand on the wire over several connections, each when the answer to the one before is there. */
export async function flood(port: number, count: number, options: { clients: number; text: (number: number) => string }): Promise<Flooded> {
  const { clients, text } = options
  const answers = new Map<number, number>()
  let next = 0
  const began = performance.now()
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      const send = () => {
        if (next >= count) return void socket.end()
        socket.write(text((next += 1)))
      }
      let rest = ''
      socket.setEncoding('latin1')
      socket.on('data', (part) => {
        rest += String(part)
        const headEnd = rest.indexOf('\r\n\r\n')
        if (headEnd < 0) return
        const length = Number(/\r\ncontent-length: (\d+)/i.exec(rest)?.[1] ?? 0)
        if (rest.length < headEnd + 4 + length) return
        const status = Number(rest.slice(9, 12))
        answers.set(status, (answers.get(status) ?? 0) + 1)
        rest = rest.slice(headEnd + 4 + length)
        send()
      })
      socket.on('error', reject)
      socket.on('close', () => resolve())
      socket.on('connect', send)
    })
  await Promise.all(Array.from({ length: clients }, work))
  return { answers, tookMs: performance.now() - began }
}

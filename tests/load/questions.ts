import { subscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import type { Socket } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { toTextFrame } from '../../server/socket/engine/text-frame'

/** What a bench asks a server that it started, over the channel between parent and child. */
export type Questions = {
  /** After collecting garbage. */
  memory: { ask: object; answer: { rssBytes: number; heapBytes: number } }
  /** The longest time for which the event loop did nothing else since this was last asked. */
  stall: { ask: object; answer: { maxMs: number } }
  /** A CPU profile (for Chromium's developer tools) of everything until the next of these, which writes it. */
  profile: { ask: { file?: string }; answer: object }
  /** A bare loop of `write` to every connection there is: messages of `messageBytes`, stamped with when they are due. */
  write: {
    ask: { atMs: readonly number[]; messageBytes: number }
    answer: { rounds: number; sockets: number }
  }
}
export type QuestionName = keyof Questions
export type Ready = { port: number }

/** The loop is looked at this often; what is shorter is no stall. */
const LOOK_MS = 5

/** Those that are gone are left out when somebody writes: listeners of ours would be weighed with the sockets. */
const sockets = new Set<Socket>()
const session = new Session()
const delay = monitorEventLoopDelay({ resolution: LOOK_MS })

const answers: { [N in QuestionName]: (ask: Questions[N]['ask']) => Promise<Questions[N]['answer']> } = {
  async memory() {
    for (let i = 0; i < 3; i++) globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return { rssBytes: rss, heapBytes: heapUsed }
  },
  async stall() {
    const maxMs = Math.max(0, delay.max / 1e6 - LOOK_MS)
    delay.reset()
    return { maxMs }
  },
  async profile({ file }) {
    if (file === undefined) {
      session.connect()
      await session.post('Profiler.enable')
      await session.post('Profiler.start')
    } else {
      writeFileSync(file, JSON.stringify((await session.post('Profiler.stop')).profile))
      session.disconnect()
    }
    return {}
  },
  async write({ atMs, messageBytes }) {
    for (const socket of sockets) if (socket.destroyed) sockets.delete(socket)
    const began = performance.now()
    const beganMicros = process.hrtime.bigint() / 1000n
    for (const at of atMs) {
      await new Promise((resolve) => setTimeout(resolve, began + at - performance.now()))
      const frame = toTextFrame(toStamped(messageBytes, beganMicros + BigInt(Math.round(at * 1000))))
      for (const socket of sockets) socket.write(frame)
    }
    return { rounds: atMs.length, sockets: sockets.size }
  },
}

/** A Socket.IO event that nobody knows, with the time in it as the load client reads it. */
function toStamped(bytes: number, micros: bigint): string {
  const begin = `42["nothing","@@${String(micros).padStart(15, '0')}@@`
  return `${begin}${'x'.repeat(Math.max(0, bytes - begin.length - 2))}"]`
}

/** In the child: says where it listens, then answers. Collects connections from the moment this is imported. */
export function answerQuestions(ready: Ready): void {
  delay.enable()
  process.on('message', async ({ name, ask }: { name: QuestionName; ask: never }) => {
    process.send?.({ answer: await answers[name](ask) })
  })
  process.once('disconnect', () => process.exit(0))
  process.send?.(ready)
}

subscribe('net.server.socket', (message) => {
  const { socket } = message as { socket: Socket }
  sockets.add(socket)
})

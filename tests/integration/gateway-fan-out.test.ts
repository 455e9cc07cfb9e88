import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io as connectStock, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toError } from '../../server/protocol/errors'
import { createEngine, type Engine } from '../../server/socket/engine/engine'
import type { EngineSocket } from '../../server/socket/engine/engine-socket'
import type { Owner } from '../../server/socket/engine/owner'
import { toAckFrame } from '../../server/socket/engine/packets'
import { toFrame, toFrameOfJson } from '../../server/socket/fan-out'
import { Outlet, UNREAD_BYTES_LIMIT } from '../../server/socket/outlet'
import { addPerson, connectClient, createClass, startGateway, startLogs } from '../support/gateway'
import { startRedis } from '../support/redis'

const httpServer = createServer()
let engine: Engine
let url: string
/** The server's end of the newest connection is given to whoever waits for it. */
let accept: (socket: EngineSocket) => void

beforeAll(async () => {
  engine = createEngine({
    httpServer,
    path: '/socket.io',
    limits: { pingIntervalMs: 20_000, pingTimeoutMs: 10_000, handshakeMs: 10_000, frameBytes: 64 * 1024 },
    processId: 'test',
    mayUpgrade: () => true,
    takeTurn: (work) => work(),
    ask: (socket) => accept(socket),
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`
})
afterAll(() => {
  engine.close()
  httpServer.close()
})

function createMoment() {
  let come = () => {}
  const hasCome = new Promise<void>((resolve) => {
    come = resolve
  })
  return { come, hasCome }
}

/** A stock client and the server's end of it, with an outlet beside it. */
async function connect(receive: (outlet: Outlet, name: string, ackId: number | null) => void = () => {}) {
  const accepted = new Promise<EngineSocket>((resolve) => {
    accept = resolve
  })
  const client = connectStock(url, { transports: ['websocket'], reconnection: false, forceNew: true })
  const socket = await accepted
  const gone = createMoment()
  const slow = createMoment()
  const outlet = new Outlet(socket, {
    tooSlow() {
      outlet.write(toFrame('bye', toError('slow_consumer')))
      socket.hangUp()
      slow.come()
    },
  })
  const owner: Owner = {
    receive: (name, _args, ackId) => receive(outlet, name, ackId),
    flooded: () => socket.hangUp(),
    gone: gone.come,
  }
  socket.admit(owner, () => {})
  await expect.poll(() => client.connected).toBe(true)
  return { client, socket, outlet, slow: slow.hasCome, gone: gone.hasCome }
}

/** What the client's end of the connection is. */
function rawSocketOf(client: Socket): {
  on(event: string, listener: (data: unknown) => void): void
  _socket: { pause(): void; resume(): void }
} {
  return (client.io.engine.transport as unknown as { ws: ReturnType<typeof rawSocketOf> }).ws
}

function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

test('[FAN8] every message of the gateway is, byte by byte, what Socket.IO itself would send', async () => {
  const redis = await startRedis()
  const logs = await startLogs(redis.url)
  const gateway = await startGateway(logs)
  const classId = await createClass(logs)
  await addPerson(logs, classId, 'per_ana')
  const client = connectClient(gateway.url, { token: await gateway.token(classId, 'per_ana'), protocol: 1 })
  const messages: string[] = []
  client.socket.io.engine.on('packet', ({ data }: { data?: unknown }) => messages.push(String(data)))
  await client.until((c) => c.you !== null)
  for (const text of ['plain', 'größer 數學 🎓', '"quoted" \\ \u2028', 'x'.repeat(500)]) {
    await client.send('chat:send', { text })
  }
  await client.until((c) => c.view?.chat.length === 4)
  expect(client.view?.chat[1]?.text).toBe('größer 數學 🎓')
  const events = messages.filter((message) => message.startsWith('2'))
  expect(events.length).toBeGreaterThan(5)
  for (const event of events) expect(event).toBe(`2${JSON.stringify(JSON.parse(event.slice(1)))}`)
  client.close()
  await gateway.stop()
  await logs.close()
  await redis.stop()
})

test('[FAN9] frames and answers arrive in the order in which they were sent, whatever the system takes at once', async () => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  let sent = 0
  // The client asks all the time, and answers are frames among the others.
  const { client, outlet, gone } = await connect((outlet, _name, ackId) => {
    if (ackId !== null) outlet.write(toAckFrame(ackId, sent++))
  })
  const arrived: number[] = []
  const sizes: number[] = []
  client.on('facts', ([n, filling]: [number, string]) => {
    arrived.push(n)
    sizes.push(filling.length)
  })
  client.on('bye', () => client.disconnect())
  const ask = () => client.emit('ask', (n: number) => arrived.push(n))
  const expected: number[] = []
  for (let round = 0; round < 300; round++) {
    ask()
    for (let i = 0; i < 10 * random(); i++) {
      // Now and then one that the system takes only in parts.
      const filling = 'x'.repeat(random() < 0.01 ? 300_000 : 2_000 * random())
      expected.push(filling.length)
      outlet.write(toFrameOfJson('facts', JSON.stringify([sent++, filling])))
    }
    await new Promise(setImmediate)
  }
  outlet.write(toFrame('bye', toError('draining')))
  await gone
  expect(arrived, `seed ${seed}`).toEqual([...arrived.keys()])
  expect(arrived.length, `seed ${seed}`).toBe(sent)
  expect(sizes, `seed ${seed}`).toEqual(expected)
})

test('[FAN10] who stops reading costs a bounded number of bytes, is told why, and is cut off', async () => {
  const { client, socket, outlet, slow } = await connect()
  const raw = rawSocketOf(client)
  const byes: { code: string }[] = []
  const events: string[] = []
  client.onAny((name: string) => events.push(name))
  client.on('bye', (bye) => byes.push(bye))
  raw._socket.pause()
  const frame = toFrameOfJson('facts', JSON.stringify('x'.repeat(50_000)))
  let given = false
  slow.then(() => {
    given = true
  })
  let unreadMost = 0
  while (!given) {
    outlet.write(frame)
    unreadMost = Math.max(unreadMost, socket.net.writableLength)
    await new Promise(setImmediate)
  }
  expect(unreadMost).toBeGreaterThan(UNREAD_BYTES_LIMIT)
  expect(unreadMost).toBeLessThan(UNREAD_BYTES_LIMIT + 3 * frame.length)
  raw._socket.resume()
  await expect.poll(() => client.connected).toBe(false)
  expect(byes).toMatchObject([{ code: 'slow_consumer', retryable: true }])
  expect(events.at(-1)).toBe('bye')
})

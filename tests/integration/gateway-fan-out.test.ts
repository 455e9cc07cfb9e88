import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket as ServerSocket } from 'socket.io'
import { io as connectStock, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toError } from '../../server/protocol/errors'
import { findDirectLine } from '../../server/socket/direct-line'
import { Outlet, toFrame, toFrameOfJson, UNREAD_BYTES_LIMIT } from '../../server/socket/fan-out'
import { addPerson, connectClient, createClass, startGateway, startLogs } from '../support/gateway'
import { startRedis } from '../support/redis'

const httpServer = createServer()
let server: Server
let url: string

beforeAll(async () => {
  server = new Server(httpServer, { transports: ['websocket'], perMessageDeflate: false })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`
})
afterAll(() => server.close())

/** A stock client and the server's end of it, with an outlet beside it. */
async function connect(): Promise<{
  client: Socket
  socket: ServerSocket
  outlet: Outlet
  slow: Promise<void>
}> {
  const accepted = once(server, 'connection')
  const client = connectStock(url, { transports: ['websocket'], reconnection: false, forceNew: true })
  const [socket] = (await accepted) as [ServerSocket]
  let giveUp = () => {}
  const slow = new Promise<void>((resolve) => {
    giveUp = resolve
  })
  const outlet = new Outlet(socket, () => {
    outlet.write(toFrame('bye', toError('slow_consumer')))
    socket.disconnect(true)
    giveUp()
  })
  return { client, socket, outlet, slow }
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

test('[FAN9] direct frames, ordinary emits and acks arrive in the order in which they were sent', async () => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  const { client, socket, outlet } = await connect()
  const arrived: number[] = []
  const sizes: number[] = []
  client.on('facts', ([n, filling]: [number, string]) => {
    arrived.push(n)
    sizes.push(filling.length)
  })
  client.on('end', () => client.disconnect())
  // An answer is a packet of the ordinary way, too; the client asks all the time.
  socket.on('ask', (answer: (n: number) => void) => answer(sent++))
  const ask = () => client.emit('ask', (n: number) => arrived.push(n))
  let sent = 0
  const expected: number[] = []
  for (let round = 0; round < 300; round++) {
    ask()
    for (let i = 0; i < 10 * random(); i++) {
      // Now and then one that the system takes only in parts.
      const filling = 'x'.repeat(random() < 0.01 ? 300_000 : 2_000 * random())
      expected.push(filling.length)
      const payload = [sent++, filling]
      if (random() < 0.5) outlet.write(toFrameOfJson('facts', JSON.stringify(payload)))
      else socket.emit('facts', payload)
    }
    await new Promise(setImmediate)
  }
  socket.emit('end')
  await once(socket, 'disconnect')
  expect(arrived, `seed ${seed}`).toEqual([...arrived.keys()])
  expect(arrived.length, `seed ${seed}`).toBe(sent)
  expect(sizes, `seed ${seed}`).toEqual(expected)
})

test('[FAN10] who stops reading costs a bounded number of bytes, is told why, and is cut off', async () => {
  const { client, socket, outlet, slow } = await connect()
  await expect.poll(() => client.connected).toBe(true)
  const line = findDirectLine(socket)
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
    unreadMost = Math.max(unreadMost, line?.net.writableLength ?? 0)
    await new Promise(setImmediate)
  }
  expect(unreadMost).toBeGreaterThan(UNREAD_BYTES_LIMIT)
  expect(unreadMost).toBeLessThan(UNREAD_BYTES_LIMIT + 3 * frame.bytes.length)
  raw._socket.resume()
  await expect.poll(() => client.connected).toBe(false)
  expect(byes).toMatchObject([{ code: 'slow_consumer', retryable: true }])
  expect(events.at(-1)).toBe('bye')
})

test('[FAN11] a connection of a kind we look into is written to directly', async () => {
  const { client, socket } = await connect()
  const line = findDirectLine(socket)
  expect(line?.isQueueing()).toBe(false)
  await expect.poll(() => line?.isFree()).toBe(true)
  client.disconnect()
  await expect.poll(() => line?.isFree()).toBe(false)
})

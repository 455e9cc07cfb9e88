import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createEngine, type Engine } from '../../server/socket/engine/engine'
import type { EngineSocket } from '../../server/socket/engine/engine-socket'
import { toAckFrame } from '../../server/socket/engine/packets'
import { toTextFrame } from '../../server/socket/engine/text-frame'

const LIMITS = { pingIntervalMs: 1000, pingTimeoutMs: 3000, handshakeMs: 1000, frameBytes: 64 * 1024 }
/** Longer than all of the limits together. */
const SOON = { timeout: 10_000 }

const httpServer = createServer((_request, response) => response.end('a page'))
let engine: Engine
let url: string
const admitted: EngineSocket[] = []
/** Bytes that waited for what the owner of the newest socket writes. */
let heldBack = 0

beforeAll(async () => {
  engine = createEngine({
    httpServer,
    path: '/gateway',
    limits: LIMITS,
    processId: 'test',
    mayUpgrade: ({ headers }) => headers.origin !== 'https://evil.example',
    takeTurn: setImmediate,
    ask(socket, auth) {
      if ((auth as { wrong?: boolean } | undefined)?.wrong) {
        return socket.refuse({ message: 'No.', data: { code: 'unauthorized' } })
      }
      const owner = {
        receive(name: string, args: readonly unknown[], ackId: number | null) {
          if (name === 'hang-up') socket.hangUp()
          else if (name === 'cut') socket.terminate()
          else if (ackId !== null) socket.net.write(toAckFrame(ackId, { name, args }))
        },
        flooded: () => socket.hangUp(),
        gone: () => void admitted.splice(admitted.indexOf(socket), 1),
      }
      admitted.push(socket)
      socket.admit(owner, () => {
        heldBack = socket.net.writableLength
      })
    },
  })
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`
})
afterAll(() => {
  engine.close()
  httpServer.close()
})

const connectStock = (options: object = {}) =>
  io(url, { path: '/gateway', transports: ['websocket'], forceNew: true, reconnectionDelay: 20, ...options })

/** A client that does nothing by itself: not even pongs. */
async function connectRaw(query = 'EIO=4&transport=websocket', options = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/gateway/?${query}`, { ...options })
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  socket.on('error', () => {})
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  await once(socket, 'open')
  await expect.poll(() => messages.length).toBe(1)
  return { socket, messages, closed }
}

async function join() {
  const raw = await connectRaw()
  raw.socket.send('40')
  await expect.poll(() => raw.messages.some((message) => message.startsWith('40'))).toBe(true)
  return raw
}

test('[ENG6] a stock client connects, is answered, and knows who ended the connection', async () => {
  const client = connectStock()
  await once(client as never, 'connect')
  expect(client.id).toMatch(/^test-\d+$/)
  expect(client.recovered).toBeFalsy()
  expect(heldBack).toBeGreaterThan(0)
  expect(await client.emitWithAck('greet', { a: 'ä' }, 2)).toEqual({ name: 'greet', args: [{ a: 'ä' }, 2] })
  const reasons: string[] = []
  client.on('disconnect', (reason) => reasons.push(reason))
  client.emit('cut')
  // A line that is cut is none of anybody's doing: the client comes back by itself, as another socket.
  await expect.poll(() => reasons.length === 1 && client.connected, SOON).toBe(true)
  client.emit('hang-up')
  await expect.poll(() => reasons, SOON).toEqual(['transport close', 'io server disconnect'])
  client.connect()
  await once(client as never, 'connect')
  client.disconnect()
  expect(reasons.at(-1)).toBe('io client disconnect')
  await expect.poll(() => admitted.length, SOON).toBe(0)
})

test('[ENG7] a refused stock client is told why in the data of its error, and leaves', async () => {
  const client = connectStock({ auth: { wrong: true } })
  const error = await new Promise<Error & { data?: unknown }>((resolve) =>
    client.once('connect_error', resolve),
  )
  expect([error.message, error.data]).toEqual(['No.', { code: 'unauthorized' }])
  expect(client.active).toBe(false)
  await expect.poll(() => engine.size, SOON).toBe(0)
})

test('[ENG8] another namespace is not here, and no reason to lose the main one', async () => {
  const client = connectStock()
  const other = client.io.socket('/admin')
  const error = await new Promise<Error>((resolve) => other.once('connect_error', resolve))
  expect(error.message).toBe('Invalid namespace')
  expect(await client.emitWithAck('greet')).toMatchObject({ name: 'greet' })
  client.disconnect()
})

test('[ENG9] who answers pings stays, who does not is cut off, who never signs in is closed', async () => {
  const good = connectStock({ reconnection: false })
  const half = await join()
  const silent = await connectRaw()
  const refused = await connectRaw()
  refused.socket.send('40{"wrong":true}')
  const ends = [half, silent, refused].map(({ closed }) => closed)
  expect(await Promise.all(ends)).toEqual([1006, 1005, 1005])
  expect(half.messages.filter((message) => message === '2')).toHaveLength(1)
  const pings: unknown[] = []
  good.io.engine.on('ping', () => pings.push(null))
  await expect.poll(() => pings.length, SOON).toBeGreaterThan(2)
  expect(good.connected).toBe(true)
  good.disconnect()
})

test('[ENG10] what breaks the protocol ends its own connection, and is forgotten', async () => {
  const bystander = connectStock()
  await once(bystander as never, 'connect')
  const beforeJoin: (string | Buffer)[] = ['42["early"]', '2', 'x', Buffer.from([4])]
  const afterJoin: (string | Buffer)[] = [
    ...['40', '45', '42{"a":1}', '42/admin,["x"]', '451-["x",{"_placeholder":true,"num":0}]'],
    ...[Buffer.alloc(10), 'x'.repeat(1_000_000), Buffer.alloc(1_000_000)],
  ]
  for (const [open, hostile] of [
    ...beforeJoin.map((bytes) => [connectRaw, bytes] as const),
    ...afterJoin.map((bytes) => [join, bytes] as const),
  ]) {
    const { socket, closed } = await open()
    socket.send(hostile)
    const code = await closed
    expect([1005, 1006, 1009], String(hostile).slice(0, 40)).toContain(code)
  }
  await expect.poll(() => engine.size, SOON).toBe(1)
  expect(await bystander.emitWithAck('greet')).toMatchObject({ name: 'greet' })
  bystander.disconnect()
})

test('[ENG11] frames without end, whatever they are, end the connection: before the handshake, too', async () => {
  const flood: ((socket: WebSocket) => void)[] = [
    (socket) => socket.send('3'),
    (socket) => socket.send('6'),
    (socket) => socket.ping(),
    (socket) => socket.pong(),
  ]
  for (const send of flood) {
    for (const open of [connectRaw, join]) {
      const { socket, closed } = await open()
      for (let i = 0; i < 1000; i++) send(socket)
      await closed
    }
  }
  const { socket, closed } = await join()
  for (let i = 0; i < 1000; i++) socket.send('x', { fin: false })
  await closed
  await expect.poll(() => engine.size, SOON).toBe(0)
})

test('[ENG12] what cannot become a connection is refused in words, and other requests are left to others', async () => {
  const ask = async (path: string) => {
    const answer = await fetch(`${url}${path}`)
    return [answer.status, await answer.text()]
  }
  expect(await ask('/gateway/?EIO=4&transport=polling')).toEqual([400, expect.stringContaining('Transport')])
  expect(await ask('/gateway/?EIO=3&transport=websocket')).toEqual([400, expect.stringContaining('version')])
  expect(await ask('/gateway/?EIO=4&transport=websocket')).toEqual([
    400,
    expect.stringContaining('Bad request'),
  ])
  expect(await ask('/gateways')).toEqual([200, 'a page'])
  const refused = async (query: string, options = {}) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/gateway/?${query}`, options)
    socket.on('error', () => {})
    const [, response] = await once(socket, 'unexpected-response')
    return (response as { statusCode: number }).statusCode
  }
  expect(await refused('EIO=3&transport=websocket')).toBe(400)
  expect(await refused('EIO=4&transport=websocket&sid=x')).toBe(400)
  expect(await refused('EIO=4&transport=websocket', { origin: 'https://evil.example' })).toBe(403)
})

test('[ENG13] whoever asks on and reads nothing of the answers is cut off, however slowly they ask', async () => {
  const asking: ((socket: WebSocket) => void)[] = [
    (socket) => socket.send('40/elsewhere,'),
    (socket) => socket.ping(Buffer.alloc(125)),
  ]
  for (const ask of asking) {
    const { socket } = await join()
    const { net } = admitted.at(-1) as EngineSocket
    socket.pause()
    // More than the system takes off our hands.
    net.write(toTextFrame('x'.repeat(16_000_000)))
    // Alive, to all appearances.
    const blind = setInterval(() => socket.send('3'), 100)
    for (let i = 0; i < 100; i++) ask(socket)
    await expect.poll(() => net.destroyed, SOON).toBe(true)
    clearInterval(blind)
    socket.terminate()
  }
  const { socket } = await join()
  const pongs: string[] = []
  socket.on('pong', (data) => pongs.push(String(data)))
  for (let i = 0; i < 100; i++) {
    socket.ping(String(i))
    await once(socket, 'pong')
  }
  expect(pongs).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
  socket.terminate()
})

test('[ENG14] who was closed and goes on all the same is neither read for long nor kept', async () => {
  const flooder = connect(Number(new URL(url).port), '127.0.0.1')
  flooder.on('error', () => {})
  const closed = once(flooder, 'close')
  flooder.write(
    [
      'GET /gateway/?EIO=4&transport=websocket HTTP/1.1',
      ...['Host: x', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13'],
      ...[`Sec-WebSocket-Key: ${'A'.repeat(22)}==`, '', ''],
    ].join('\r\n'),
  )
  // A masked text message of one byte, which is no packet; thousands of them.
  const hostile = Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x78])
  flooder.write(Buffer.concat(Array.from({ length: 10_000 }, () => hostile)))
  const began = performance.now()
  flooder.resume()
  await closed
  expect(performance.now() - began).toBeLessThan(4000)
  await expect.poll(() => engine.size, SOON).toBe(0)
})

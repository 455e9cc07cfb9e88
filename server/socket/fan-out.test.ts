import { EventEmitter } from 'node:events'
import type { Socket } from 'socket.io'
import { expect, test } from 'vitest'
import {
  type Frame,
  fanOut,
  Outlet,
  toFrame,
  toFrameOfJson,
  UNREAD_BYTES_LIMIT,
  UNREAD_MS_LIMIT,
} from './fan-out'

type Written = { data: Buffer | string; onTaken?: () => void }

/** A connection with the parts of Engine.IO, `ws` and net that matter; `stuck`: the system takes nothing more. */
function createReader() {
  const written: Written[] = []
  const state = { now: 1000, stuck: false, slow: 0 }
  const net = {
    writableLength: 0,
    write(data: Buffer, onTaken?: () => void) {
      written.push({ data, onTaken })
      if (state.stuck) net.writableLength += data.length
    },
  }
  const ws = { readyState: 1, _sender: { _state: 0 }, _socket: net }
  const conn = Object.assign(new EventEmitter(), {
    readyState: 'open',
    writeBuffer: [] as unknown[],
    transport: { name: 'websocket', socket: ws },
    write: (data: string, _options: object, onTaken?: () => void) => void written.push({ data, onTaken }),
  })
  const outlet = new Outlet(
    { conn } as unknown as Socket,
    () => {
      state.slow += 1
    },
    () => state.now,
  )
  return { outlet, written, state, net, ws, conn }
}

const resync = toFrame('resync', undefined)
const ofBytes = (length: number): Frame => ({ packet: '', bytes: Buffer.alloc(length) })

test('[FAN1] a frame is the WebSocket message of its event, encoded once for everybody', () => {
  const readers = [createReader(), createReader()]
  const frame = toFrameOfJson('facts', '{"after":1,"seq":2,"facts":[]}')
  fanOut(frame, readers)
  const message = '42["facts",{"after":1,"seq":2,"facts":[]}]'
  for (const { written } of readers) {
    expect(written[0]?.data).toBe(frame.bytes)
    expect(frame.bytes).toEqual(Buffer.from([0x81, message.length, ...Buffer.from(message)]))
  }
})

test('[FAN2] what waits in Engine.IO or in its WebSocket is not overtaken', () => {
  const reader = createReader()
  reader.conn.writeBuffer.push({})
  reader.outlet.write(resync)
  reader.conn.writeBuffer.pop()
  reader.ws._sender._state = 1
  reader.outlet.write(resync)
  reader.ws._sender._state = 0
  reader.outlet.write(resync)
  expect(reader.written.map(({ data }) => data)).toEqual(['2["resync"]', '2["resync"]', resync.bytes])
})

test('[FAN12] to a connection on its way out nothing is written', () => {
  const reader = createReader()
  reader.ws.readyState = 2
  reader.outlet.write(resync)
  reader.ws.readyState = 1
  reader.conn.readyState = 'closing'
  reader.outlet.write(resync)
  expect(reader.written).toEqual([])
})

test('[FAN3] who lets more lie than the limit is given up once, whichever way it lies', () => {
  for (const queueing of [false, true]) {
    const reader = createReader()
    reader.state.stuck = true
    if (queueing) reader.conn.writeBuffer.push({})
    const frame = ofBytes(UNREAD_BYTES_LIMIT / 4)
    for (let i = 0; i < 6; i++) reader.outlet.write(frame)
    expect(reader.state.slow).toBe(0)
    reader.outlet.write(frame)
    expect(reader.state.slow).toBe(1)
    expect(reader.written).toHaveLength(6)
    reader.outlet.write(resync)
    expect(reader.state.slow).toBe(1)
    expect(reader.written).toHaveLength(7)
  }
})

test('[FAN13] a snapshot larger than the limit is no reason to give anybody up', () => {
  const reader = createReader()
  reader.state.stuck = true
  reader.outlet.write(resync)
  reader.outlet.write(ofBytes(3 * UNREAD_BYTES_LIMIT))
  for (let i = 0; i < 10; i++) reader.outlet.write(resync)
  expect(reader.state.slow).toBe(0)
  reader.outlet.write(ofBytes(3 * UNREAD_BYTES_LIMIT))
  reader.outlet.write(resync)
  expect(reader.state.slow).toBe(1)
})

test('[FAN4] who has not read a frame for too long is given up, however little it is', () => {
  const reader = createReader()
  reader.state.stuck = true
  reader.outlet.write(resync)
  reader.outlet.write(resync)
  reader.state.now += UNREAD_MS_LIMIT
  reader.outlet.write(resync)
  expect(reader.state.slow).toBe(0)
  reader.state.now += 1
  reader.outlet.write(resync)
  expect(reader.state.slow).toBe(1)
})

test('[FAN5] who is always a little behind, but reads, is not given up', () => {
  const reader = createReader()
  reader.state.stuck = true
  for (let i = 0; i < 100; i++) {
    reader.outlet.write(resync)
    reader.state.now += UNREAD_MS_LIMIT / 2
    if (i % 2 === 1) for (const { onTaken } of reader.written) onTaken?.()
  }
  expect(reader.net.writableLength).toBeGreaterThan(0)
  expect(reader.state.slow).toBe(0)
})

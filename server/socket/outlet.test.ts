import { expect, test } from 'vitest'
import { fanOut, toFrame, toFrameOfJson } from './fan-out'
import { Outlet, UNREAD_BYTES_LIMIT, UNREAD_MS_LIMIT } from './outlet'

type Written = { data: Buffer; onTaken?: () => void }

/** A net socket as far as an outlet sees it; `stuck`: the system takes nothing more. */
function createReader() {
  const written: Written[] = []
  const state = { now: 1000, stuck: false, slow: 0, open: true }
  const net = {
    writableLength: 0,
    writableCorked: 0,
    write(data: Buffer, onTaken?: () => void) {
      written.push({ data, onTaken })
      if (state.stuck || net.writableCorked > 0) net.writableLength += data.length
    },
    destroy() {},
  }
  const writer = {
    tooSlow() {
      state.slow += 1
    },
  }
  const outlet = new Outlet({ net, isOpen: () => state.open }, writer, () => state.now)
  return { outlet, written, state, net }
}

const resync = toFrame('resync', undefined)

test('[FAN1] a frame is the WebSocket message of its event, encoded once for everybody', () => {
  const readers = [createReader(), createReader()]
  const frame = toFrameOfJson('facts', '{"after":1,"seq":2,"facts":[]}')
  fanOut(frame, readers)
  const message = '42["facts",{"after":1,"seq":2,"facts":[]}]'
  for (const { written } of readers) {
    expect(written[0]?.data).toBe(frame)
    expect(frame).toEqual(Buffer.from([0x81, message.length, ...Buffer.from(message)]))
  }
})

test('[FAN12] to a connection on its way out nothing is written', () => {
  const reader = createReader()
  reader.state.open = false
  reader.outlet.write(resync)
  expect(reader.written).toEqual([])
})

test('[FAN3] who lets more lie than the limit is given up once', () => {
  const reader = createReader()
  reader.state.stuck = true
  const frame = Buffer.alloc(UNREAD_BYTES_LIMIT / 4)
  for (let i = 0; i < 6; i++) reader.outlet.write(frame)
  expect(reader.state.slow).toBe(0)
  reader.outlet.write(frame)
  expect(reader.state.slow).toBe(1)
  expect(reader.written).toHaveLength(6)
  reader.outlet.write(resync)
  expect(reader.state.slow).toBe(1)
  expect(reader.written).toHaveLength(7)
})

test('[FAN13] a snapshot larger than the limit is no reason to give anybody up', () => {
  const reader = createReader()
  reader.state.stuck = true
  reader.outlet.write(resync)
  reader.outlet.write(Buffer.alloc(3 * UNREAD_BYTES_LIMIT))
  for (let i = 0; i < 10; i++) reader.outlet.write(resync)
  expect(reader.state.slow).toBe(0)
  reader.outlet.write(Buffer.alloc(3 * UNREAD_BYTES_LIMIT))
  reader.outlet.write(resync)
  expect(reader.state.slow).toBe(1)
})

test('[FAN17] what is held back to be written as one makes nobody slow, however much it is', () => {
  const reader = createReader()
  reader.net.writableCorked = 1
  for (let i = 0; i < 3; i++) reader.outlet.write(Buffer.alloc(3 * UNREAD_BYTES_LIMIT))
  reader.outlet.write(resync)
  reader.net.writableCorked = 0
  reader.net.writableLength -= 6 * UNREAD_BYTES_LIMIT
  reader.outlet.write(resync)
  expect(reader.state.slow).toBe(0)
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

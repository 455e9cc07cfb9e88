import { EventEmitter } from 'node:events'
import type { Socket } from 'socket.io'
import { expect, test } from 'vitest'
import { createOutlet, fanOut, toFrame, toFrameOfJson, UNREAD_FRAMES_LIMIT } from './fan-out'

function createReader() {
  const written: string[] = []
  const conn = Object.assign(new EventEmitter(), { write: (packet: string) => written.push(packet) })
  let lagging = 0
  const outlet = createOutlet({ conn } as unknown as Socket, () => {
    lagging += 1
  })
  return { outlet, written, reads: () => conn.emit('drain'), lagging: () => lagging }
}

test('[FAN1] a frame is the Socket.IO packet of its event, encoded once for everybody', () => {
  const readers = [createReader(), createReader()]
  fanOut(toFrameOfJson('facts', '{"after":1,"seq":2,"facts":[]}'), readers)
  fanOut(toFrame('resync', undefined), readers)
  for (const { written } of readers) {
    expect(written).toEqual(['2["facts",{"after":1,"seq":2,"facts":[]}]', '2["resync"]'])
  }
})

test('[FAN2] who does not read is told on once and written to no more', () => {
  const reader = createReader()
  for (let i = 0; i < UNREAD_FRAMES_LIMIT + 10; i++) reader.outlet.write(toFrame('resync', undefined))
  expect(reader.lagging()).toBe(1)
  expect(reader.written).toHaveLength(UNREAD_FRAMES_LIMIT + 1)
})

test('[FAN3] who reads slowly but reads is not lagging', () => {
  const reader = createReader()
  for (let i = 0; i < 10 * UNREAD_FRAMES_LIMIT; i++) {
    reader.outlet.write(toFrame('resync', undefined))
    if (i % 900 === 0) reader.reads()
  }
  expect(reader.lagging()).toBe(0)
})

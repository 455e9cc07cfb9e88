import { expect, test } from 'vitest'
import { Rehearsal } from '../../tests/support/rehearsal'
import type { Access } from '../protocol/events'
import type { Member } from './member'
import { createYouSender } from './you-sender'

/** A class of one seat that Ana has; a token for LiveKit is made when the test says so. */
function createDesk() {
  const rehearsal = new Rehearsal({ seats: 1 })
  rehearsal.enter('per_teacher', 'teacher')
  rehearsal.as('per_teacher', { name: 'class:start' })
  rehearsal.enter('per_ana')
  rehearsal.enter('per_ben')
  const told: { personId: string; tier: string; livekit?: unknown }[] = []
  const write = (frame: Buffer) => {
    told.push(JSON.parse(frame.toString('utf8', frame.indexOf('42[') + 2))[1])
  }
  const members: Member[] = [
    {
      ...{ socketId: '', personId: '', host: undefined, audience: null, seq: 0, bye() {} },
      outlet: { write },
    },
  ]
  const complaints: unknown[] = []
  const silent = () => {}
  let makeToken = silent
  const sender = createYouSender({
    state: () => rehearsal.state,
    membersOf: () => members,
    access: {
      forPerson: () =>
        new Promise<Access>((resolve) => {
          makeToken = () => resolve({ livekit: { url: 'ws://livekit', token: 'token' } })
        }),
      forViewer: () => ({ broadcast: { playlistUrl: 'http://origin/index.m3u8' } }),
    },
    toReachable: (url) => url,
    now: () => rehearsal.now,
    logger: { debug: silent, info: silent, warn: silent, error: (fields) => complaints.push(fields) },
    onSent: silent,
  })
  const settle = () => new Promise(setImmediate)
  return { rehearsal, sender, told, complaints, settle, makeToken: () => makeToken() }
}

test('[YOU4] who needs no token is told at once, who needs one is told when it is made', async () => {
  const { sender, told, settle, makeToken } = createDesk()
  expect(sender.tellNow('per_ben')).toBe(true)
  expect(told).toMatchObject([
    { personId: 'per_ben', tier: 'overflow', broadcast: { playlistUrl: 'http://origin/index.m3u8' } },
  ])
  expect(sender.tellNow('per_ana')).toBe(false)
  await settle()
  expect(told).toHaveLength(1)
  makeToken()
  await settle()
  expect(told[1]).toMatchObject({ personId: 'per_ana', tier: 'seat', livekit: { token: 'token' } })
})

test('[YOU5] a state that waits for its token is never told after a newer one', async () => {
  const { rehearsal, sender, told, complaints, settle, makeToken } = createDesk()
  sender.mark('per_ana')
  await settle()
  expect(rehearsal.as('per_ana', { name: 'seat:release' })).toMatchObject({ ok: true })
  expect(sender.tellNow('per_ana')).toBe(false)
  await settle()
  expect(told).toEqual([])
  makeToken()
  while (told.length < 2) await settle()
  expect(told.map(({ tier }) => tier)).toEqual(['seat', 'overflow'])
  expect(told[1]).not.toHaveProperty('livekit')
  expect(complaints).toEqual([])
})

import { DisconnectReason } from 'livekit-client'
import { describe, expect, test } from 'vitest'
import { evolveSending, nothingSent, type Sending, type SendingEvent, toSentAgain } from './sending'

const teacher = { publish: true, camera: true }
const play = (...events: SendingEvent[]) => events.reduce<Sending>(evolveSending, nothingSent)
const teaching: SendingEvent[] = [
  { type: 'on', device: 'microphone' },
  { type: 'on', device: 'camera' },
  { type: 'on', device: 'screen' },
]
const lostBy = (reason?: DisconnectReason): SendingEvent => ({ type: 'lost', reason })

test('the first connection switches nothing on', () => {
  expect(toSentAgain(nothingSent, teacher)).toEqual({ microphone: false, camera: false, screenLost: false })
})

describe('after a loss that LiveKit gave up on', () => {
  test.each([
    ['the network', undefined],
    ['a restart of the server', DisconnectReason.SERVER_SHUTDOWN],
    ['a session that the server forgot', DisconnectReason.STATE_MISMATCH],
    ['a page that the browser froze', DisconnectReason.CLIENT_INITIATED],
  ])('by %s, microphone and camera are on again, and the screen is missed', (_, reason) => {
    const again = toSentAgain(play(...teaching, lostBy(reason)), teacher)
    expect(again).toEqual({ microphone: true, camera: true, screenLost: true })
  })
  test('failed attempts on the way back change nothing', () => {
    const lost = play(...teaching, lostBy(), lostBy(DisconnectReason.JOIN_FAILURE), lostBy())
    expect(toSentAgain(lost, teacher)).toMatchObject({ microphone: true, camera: true })
  })
  test('what was switched off, by the person or by staff, stays off', () => {
    const muted = play(...teaching, { type: 'off', device: 'microphone' }, lostBy())
    expect(toSentAgain(muted, teacher)).toMatchObject({ microphone: false, camera: true })
    const unshared = play(...teaching, { type: 'off', device: 'screen' }, lostBy())
    expect(toSentAgain(unshared, teacher).screenLost).toBe(false)
  })
  test('who was removed, or went on in another window, sends nothing by themselves', () => {
    for (const reason of [DisconnectReason.PARTICIPANT_REMOVED, DisconnectReason.DUPLICATE_IDENTITY]) {
      expect(play(...teaching, lostBy(reason))).toEqual(nothingSent)
    }
  })
  test('who was taken off the stage meanwhile sends nothing, not even on stage again later', () => {
    expect(toSentAgain(play(...teaching, lostBy()), { publish: false, camera: false })).toEqual({
      microphone: false,
      camera: false,
      screenLost: false,
    })
    expect(play(...teaching, lostBy(), { type: 'barred' })).toEqual(nothingSent)
  })
  test('a camera is not sent by who may only speak', () => {
    const again = toSentAgain(play(...teaching, lostBy()), { publish: true, camera: false })
    expect(again).toMatchObject({ microphone: true, camera: false })
  })
})

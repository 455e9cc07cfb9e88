import { decodeJwt, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import type { MediaRights } from '../classroom/you'
import { toParticipantCeiling } from './room-limits'
import { CHECK_TOKEN_SECONDS, createLivekitTokens, LIVEKIT_TOKEN_SECONDS } from './tokens'

const key = { apiKey: 'devkey', apiSecret: 'a-secret-for-tests-of-at-least-32-characters' }
const settings = { seats: 100, stageLimit: 6 }
const everything: MediaRights['sources'] = ['camera', 'microphone', 'screen_share', 'screen_share_audio']
const student: MediaRights = { mayConnect: true, sources: [], metadataRole: 'student', roomAdmin: false }

const mint = (rights: MediaRights) =>
  createLivekitTokens(key).mint({
    classId: 'cls_a',
    person: { personId: 'per_a', name: 'Ada' },
    rights,
    language: 'es',
    settings,
  })
const grantsOf = async (rights: MediaRights) => decodeJwt(await mint(rights)).video

describe('a LiveKit token', () => {
  test('says who, where and as what, and is good for five minutes', async () => {
    const { payload } = await jwtVerify(await mint(student), new TextEncoder().encode(key.apiSecret))
    expect(payload).toMatchObject({
      iss: 'devkey',
      sub: 'per_a',
      name: 'Ada',
      metadata: '{"role":"student"}',
      attributes: { captions_language: 'es' },
      video: { room: 'cls_a', roomJoin: true },
    })
    expect((payload.exp ?? 0) - Date.now() / 1000).toBeLessThanOrEqual(LIVEKIT_TOKEN_SECONDS)
  })

  test('of a teacher allows publishing, data, room administration and recording', async () => {
    const teacher: MediaRights = {
      mayConnect: true,
      sources: everything,
      metadataRole: 'teacher',
      roomAdmin: true,
    }
    expect(await grantsOf(teacher)).toMatchObject({
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
      roomAdmin: true,
      roomRecord: true,
      canPublishSources: everything,
    })
  })

  test('of a student allows listening and nothing else', async () => {
    const grants = await grantsOf(student)
    expect(grants).toMatchObject({ canSubscribe: true, canPublish: false, canPublishData: false })
    expect(grants).not.toHaveProperty('roomAdmin')
    expect(grants).not.toHaveProperty('roomRecord')
  })

  test('of a speaker allows the sources of their invitation only', async () => {
    const speaker: MediaRights = { ...student, sources: ['microphone'], metadataRole: 'student_speaker' }
    expect(await grantsOf(speaker)).toMatchObject({
      canPublish: true,
      canPublishData: false,
      canPublishSources: ['microphone'],
    })
  })

  test('carries the ceiling of the room, in case LiveKit makes it on joining', async () => {
    const { roomConfig } = decodeJwt(await mint(student))
    expect(roomConfig).toMatchObject({ maxParticipants: toParticipantCeiling(settings) })
  })

  test('is never made for somebody who may not connect', async () => {
    await expect(mint({ ...student, mayConnect: false })).rejects.toThrow('may not connect')
  })
})

test('the ceiling leaves room for raised seats, the stage and the staff', () => {
  expect(toParticipantCeiling({ seats: 2, stageLimit: 6 })).toBeGreaterThan(200)
  expect(toParticipantCeiling({ seats: 1000, stageLimit: 6 })).toBeGreaterThan(2000)
})

describe('a token for checking a device', () => {
  test('opens a room of its own, for a short time, to send nothing', async () => {
    const token = decodeJwt(await createLivekitTokens(key).mintForCheck('check_a'))
    expect(token).toMatchObject({
      sub: 'check_a',
      video: { room: 'check_a', roomJoin: true, canPublish: false },
    })
    expect((token.exp ?? 0) - Date.now() / 1000).toBeLessThanOrEqual(CHECK_TOKEN_SECONDS)
  })
})

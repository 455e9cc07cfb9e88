import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { AccessToken } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LivekitHint } from '../../server/livekit/hints'
import { createLivekitWebhooks } from '../../server/livekit/webhooks'

const KEY = { apiKey: 'devkey', apiSecret: 'a-secret-for-tests-of-at-least-32-characters' }

const hints: LivekitHint[] = []
const server = createServer(express().use(createLivekitWebhooks(KEY, (hint) => hints.push(hint))))
let url: string

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => server.close())

/** As LiveKit does: a token that holds the hash of the body. Resolves with the status and what was told by then. */
async function deliver(event: object, signedFor: object = event) {
  const token = new AccessToken(KEY.apiKey, KEY.apiSecret)
  token.sha256 = createHash('sha256').update(JSON.stringify(signedFor)).digest('base64')
  const headers = { authorization: await token.toJwt() }
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(event) })
  return { status, told: hints.splice(0) }
}

test('what happens to an egress is a reason to look at the broadcast of its class, what happens in a room at the room', async () => {
  for (const event of ['egress_started', 'egress_updated', 'egress_ended']) {
    const answer = await deliver({ event, egressInfo: { egressId: 'EG_1', roomName: 'cls_a' } })
    expect(answer, event).toEqual({ status: 200, told: [{ kind: 'egress', classId: 'cls_a' }] })
  }
  for (const event of ['participant_joined', 'participant_left', 'track_published', 'room_finished']) {
    const answer = await deliver({ event, room: { name: 'cls_a' } })
    expect(answer, event).toEqual({ status: 200, told: [{ kind: 'room', classId: 'cls_a' }] })
  }
})

test('what names no class, or is of no interest, is taken and told to nobody', async () => {
  for (const event of [{ event: 'egress_ended' }, { event: 'ingress_started' }, { event: 'room_started' }])
    expect(await deliver(event)).toEqual({ status: 200, told: [] })
})

test('a body that was not signed is refused, whatever it says', async () => {
  const event = { event: 'egress_ended', egressInfo: { roomName: 'cls_a' } }
  expect(await deliver(event, { event: 'egress_ended' })).toEqual({ status: 401, told: [] })
})

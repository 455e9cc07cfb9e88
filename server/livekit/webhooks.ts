import express, { type RequestHandler, Router } from 'express'
import { type WebhookEvent, WebhookReceiver } from 'livekit-server-sdk'
import type { LivekitEndpoint } from './endpoint'
import type { LivekitHint } from './hints'

/** LiveKit's largest webhook is a participant with all its tracks: some kilobytes. */
const BODY_LIMIT = '256kb'

/**
 * The handler of `POST /webhooks/livekit` (LiveKit docs, "Webhooks"): 401 if the signature does not fit the raw
 * body, else 200 at once and the hint is passed on. Mount it before any parser that reads the body.
 */
export function createLivekitWebhooks(
  key: Pick<LivekitEndpoint, 'apiKey' | 'apiSecret'>,
  onHint: (hint: LivekitHint) => void,
): Router {
  const receiver = new WebhookReceiver(key.apiKey, key.apiSecret)
  const receive: RequestHandler = async (request, response) => {
    const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
    let event: WebhookEvent
    try {
      event = await receiver.receive(body, request.get('authorization'))
    } catch {
      response.sendStatus(401)
      return
    }
    response.status(200).end()
    const hint = toHint(event)
    if (hint) onHint(hint)
  }
  return Router().post('/', express.raw({ type: () => true, limit: BODY_LIMIT }), receive)
}

function toHint(event: WebhookEvent): LivekitHint | null {
  switch (event.event) {
    case 'participant_joined':
    case 'participant_left':
    case 'participant_connection_aborted':
    case 'track_published':
    case 'track_unpublished':
    case 'room_started':
    case 'room_finished':
      return event.room?.name ? { kind: 'room', classId: event.room.name } : null
    case 'egress_started':
    case 'egress_updated':
    case 'egress_ended': {
      const classId = event.egressInfo?.roomName
      return classId ? { kind: 'egress', classId } : null
    }
    default:
      return null
  }
}

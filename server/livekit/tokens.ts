import { AccessToken, RoomConfiguration, type VideoGrant } from 'livekit-server-sdk'
import type { MediaRights } from '../classroom/you'
import type { LivekitEndpoint } from './endpoint'
import { toMetadata, toPermission } from './permission'
import { ROOM_EMPTY_SECONDS, type RoomSettings, toParticipantCeiling } from './room-limits'

/** Only the first connection needs it: LiveKit refreshes the tokens of those who are connected. */
export const LIVEKIT_TOKEN_SECONDS = 5 * 60

/** Two connections, one after the other, on a network that makes them slow. */
export const CHECK_TOKEN_SECONDS = 90

export type LivekitTokenRequest = {
  classId: string
  person: { personId: string; name: string }
  rights: MediaRights
  /** BCP 47; the agent that captions reads it. */
  language: string
  settings: RoomSettings
}

export type LivekitTokens = {
  /** A LiveKit access token (JWT, HS256). Never minted for somebody who may not connect: throws. */
  mint(request: LivekitTokenRequest): Promise<string>
  /** For a room of one's own in which a device tries its connection: it can neither send nor see anybody. */
  mintForCheck(checkId: string): Promise<string>
}

export function createLivekitTokens(key: Pick<LivekitEndpoint, 'apiKey' | 'apiSecret'>): LivekitTokens {
  return {
    async mint({ classId, person, rights, language, settings }) {
      if (!rights.mayConnect) throw new Error(`${person.personId} may not connect to ${classId}`)
      const token = new AccessToken(key.apiKey, key.apiSecret, {
        identity: person.personId,
        name: person.name,
        ttl: LIVEKIT_TOKEN_SECONDS,
        metadata: toMetadata(rights),
        attributes: { captions_language: language },
      })
      token.addGrant(toGrant(classId, rights))
      // A room that LiveKit makes on joining (after it was restarted) has its ceiling from here.
      token.roomConfig = new RoomConfiguration({
        maxParticipants: toParticipantCeiling(settings),
        emptyTimeout: ROOM_EMPTY_SECONDS,
        departureTimeout: ROOM_EMPTY_SECONDS,
      })
      return token.toJwt()
    },
    async mintForCheck(checkId) {
      const token = new AccessToken(key.apiKey, key.apiSecret, {
        identity: checkId,
        ttl: CHECK_TOKEN_SECONDS,
      })
      token.addGrant({ room: checkId, roomJoin: true, canPublish: false, canSubscribe: true })
      token.roomConfig = new RoomConfiguration({ maxParticipants: 1, emptyTimeout: 1, departureTimeout: 1 })
      return token.toJwt()
    },
  }
}

function toGrant(classId: string, rights: MediaRights): VideoGrant {
  const { canSubscribe, canPublish, canPublishData, canPublishSources } = toPermission(rights)
  return {
    room: classId,
    roomJoin: true,
    canSubscribe,
    canPublish,
    canPublishData,
    ...(canPublish && { canPublishSources }),
    canUpdateOwnMetadata: false,
    ...(rights.roomAdmin && { roomAdmin: true }),
    ...(rights.metadataRole === 'teacher' && { roomRecord: true }),
  }
}

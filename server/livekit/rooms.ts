import { ParticipantInfo_State, RoomServiceClient, TrackSource } from 'livekit-server-sdk'
import type { MediaRights } from '../classroom/you'
import type { LivekitEndpoint } from './endpoint'
import { isNotFound } from './errors'
import { type Permission, toMetadata, toPermission } from './permission'
import { ROOM_EMPTY_SECONDS, type RoomSettings, toParticipantCeiling } from './room-limits'
import { toRoomMetadata } from './room-metadata'

/** A person in LiveKit's room. Recorders, agents and other machines are not among them. */
export type Present = {
  personId: string
  permission: Permission
  metadata: string
  tracks: { sid: string; source: TrackSource; muted: boolean }[]
}

/** Amphi's words for LiveKit's RoomService. Whoever is not found (has just left) needs nothing done. */
export type Rooms = {
  /** Makes the room with its ceiling if it is not there; in a live room nothing changes. */
  ensure(classId: string, settings: RoomSettings): Promise<void>
  delete(classId: string): Promise<void>
  listPresent(classId: string): Promise<Present[]>
  setRights(classId: string, personId: string, rights: MediaRights): Promise<'done' | 'absent'>
  remove(classId: string, personId: string): Promise<'done' | 'absent'>
  /** What the room says to its machines (recorders choose the picture by it); written only where it differs. */
  setMetadata(classId: string, metadata: string): Promise<'done' | 'same' | 'absent'>
  /** How many of their microphone tracks were on. */
  muteMicrophone(classId: string, personId: string): Promise<number>
  /** For /readyz: throws when LiveKit does not answer or refuses our key. */
  check(): Promise<void>
}

/** LiveKit answers in milliseconds; one that does not within this is treated as away. */
const REQUEST_SECONDS = 3

export function createRooms(endpoint: LivekitEndpoint): Rooms {
  const client = new RoomServiceClient(endpoint.url, endpoint.apiKey, endpoint.apiSecret, {
    requestTimeout: REQUEST_SECONDS,
    failover: false,
  })
  return {
    async ensure(classId, settings) {
      const [room] = await client.listRooms([classId])
      if (room) return
      await client.createRoom({
        name: classId,
        maxParticipants: toParticipantCeiling(settings),
        emptyTimeout: ROOM_EMPTY_SECONDS,
        departureTimeout: ROOM_EMPTY_SECONDS,
        metadata: toRoomMetadata(null),
      })
    },
    async delete(classId) {
      await orAbsent(client.deleteRoom(classId))
    },
    async listPresent(classId) {
      const participants = await client.listParticipants(classId)
      return participants.filter(isPerson).map(({ identity, permission, metadata, tracks }) => ({
        personId: identity,
        permission: {
          canSubscribe: permission?.canSubscribe ?? false,
          canPublish: permission?.canPublish ?? false,
          canPublishData: permission?.canPublishData ?? false,
          canPublishSources: permission?.canPublishSources ?? [],
          canUpdateMetadata: permission?.canUpdateMetadata ?? false,
        },
        metadata,
        tracks: tracks.map(({ sid, source, muted }) => ({ sid, source, muted })),
      }))
    },
    setRights: (classId, personId, rights) =>
      orAbsent(
        client.updateParticipant(classId, personId, {
          permission: toPermission(rights),
          metadata: toMetadata(rights),
        }),
      ),
    async setMetadata(classId, metadata) {
      const [room] = await client.listRooms([classId])
      if (!room) return 'absent'
      if (room.metadata === metadata) return 'same'
      return orAbsent(client.updateRoomMetadata(classId, metadata))
    },
    remove: (classId, personId) => orAbsent(client.removeParticipant(classId, personId)),
    async muteMicrophone(classId, personId) {
      const found = await client.getParticipant(classId, personId).catch(absentIsUndefined)
      const open = (found?.tracks ?? []).filter((t) => t.source === TrackSource.MICROPHONE && !t.muted)
      for (const { sid } of open) await client.mutePublishedTrack(classId, personId, sid, true)
      return open.length
    },
    async check() {
      await client.listRooms(['readyz'])
    },
  }
}

type Participant = Awaited<ReturnType<RoomServiceClient['listParticipants']>>[number]

/** Kind 0 is STANDARD; egress, ingress, SIP and agents have kinds of their own. */
const STANDARD_KIND = 0

function isPerson({ kind, permission, state }: Participant): boolean {
  const machine = permission?.hidden || permission?.recorder || permission?.agent
  return kind === STANDARD_KIND && !machine && state !== ParticipantInfo_State.DISCONNECTED
}

async function orAbsent(request: Promise<unknown>): Promise<'done' | 'absent'> {
  try {
    await request
    return 'done'
  } catch (error) {
    if (isNotFound(error)) return 'absent'
    throw error
  }
}

function absentIsUndefined(error: unknown): undefined {
  if (!isNotFound(error)) throw error
  return undefined
}

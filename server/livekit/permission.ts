import { TrackSource } from 'livekit-server-sdk'
import type { MediaRights } from '../classroom/you'

export type SourceName = MediaRights['sources'][number]

/** The part of LiveKit's ParticipantPermission that Amphi decides. */
export type Permission = {
  canSubscribe: boolean
  canPublish: boolean
  canPublishData: boolean
  canPublishSources: TrackSource[]
  canUpdateMetadata: boolean
}

const sources: Record<SourceName, TrackSource> = {
  camera: TrackSource.CAMERA,
  microphone: TrackSource.MICROPHONE,
  screen_share: TrackSource.SCREEN_SHARE,
  screen_share_audio: TrackSource.SCREEN_SHARE_AUDIO,
}

/** An empty list of sources means "every source" to LiveKit, so `canPublish` decides first. */
export function toPermission(rights: MediaRights): Permission {
  const mayPublish = rights.mayConnect && rights.sources.length > 0
  const staff = rights.metadataRole === 'teacher' || rights.metadataRole === 'assistant'
  return {
    canSubscribe: true,
    canPublish: mayPublish,
    canPublishData: rights.mayConnect && staff,
    canPublishSources: mayPublish ? rights.sources.map((name) => sources[name]) : [],
    canUpdateMetadata: false,
  }
}

export function isSamePermission(a: Permission, b: Permission): boolean {
  return (
    a.canSubscribe === b.canSubscribe &&
    a.canPublish === b.canPublish &&
    a.canPublishData === b.canPublishData &&
    a.canUpdateMetadata === b.canUpdateMetadata &&
    isSameSet(a.canPublishSources, b.canPublishSources)
  )
}

/** What LiveKit shows of a participant to all others, and what the reconciler compares. */
export function toMetadata(rights: MediaRights): string {
  return JSON.stringify({ role: rights.metadataRole })
}

function isSameSet(a: readonly TrackSource[], b: readonly TrackSource[]): boolean {
  return a.length === b.length && a.every((source) => b.includes(source))
}

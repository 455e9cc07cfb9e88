import type { Audience } from './audience'
import type { CommandName } from './commands'
import type { Role, Tier } from './people'
import type { Grade, InvitationStep, RequestKind } from './state'

/**
 * What concerns one person only: a whole state, sent after every snapshot, resume and change. The transports add
 * `livekit {url, token}` where `connect` is true and `broadcast {playlistUrl}` where `watch` is.
 */
export type You = {
  seq: number
  personId: string
  name: string
  role: Role
  audience: Audience
  /** null: registered but not in the class (left, or removed). */
  tier: Tier | null
  /** Command names that would not be refused for want of rights at this moment. */
  can: CommandName[]
  /** Should be connected to LiveKit now: a seat, staff, on the way to the stage. */
  connect: boolean
  /** May watch the broadcast now. */
  watch: boolean
  seat?: { state: 'held' } | { state: 'offered'; offerId: string; until: number }
  wantsSeat?: boolean
  waiting?: { position: number }
  request?: { requestId: string; kind: RequestKind; text?: string; madeAt: number }
  invitation?: { invitationId: string; grade: Grade; until: number; step: InvitationStep }
  stage?: { state: 'connecting' | 'live'; grade: Grade; since: number; secondsAllowed?: number }
  votes: string[]
}

/** What LiveKit must let this person do: asked for at every token, and by the reconciler. */
export type MediaRights = {
  mayConnect: boolean
  /** Track sources this person may publish; empty: subscribe only. */
  sources: ('camera' | 'microphone' | 'screen_share' | 'screen_share_audio')[]
  metadataRole: 'teacher' | 'assistant' | 'student' | 'student_speaker'
  roomAdmin: boolean
}

import type { Role } from './people'
import type { ClassSettings } from './settings'
import type { Grade, InvitationStep, Picture, RequestKind, RunEnd } from './state'

/**
 * Everything that can happen in a class. A fact is for ever: a field may be added as optional, a meaning never
 * changes without a new version in `factVersions` and a step in `upcast`.
 */
export type FactBody =
  | { type: 'class.created'; orgId: string; title: string; code: string; settings: ClassSettings }
  | { type: 'class.started' }
  | { type: 'class.ended' }
  | { type: 'class.quieted'; on: boolean }
  | { type: 'class.changed'; settings: Partial<ClassSettings> }
  | { type: 'person.registered'; personId: string; name: string; role: Role; language: string }
  | { type: 'person.joined'; personId: string; tier: 'seat' | 'overflow' | 'waiting' }
  | { type: 'person.admitted'; personId: string }
  | { type: 'person.denied'; personId: string }
  | { type: 'person.left'; personId: string; reason: 'left' | 'gone' }
  | { type: 'person.removed'; personId: string; reason?: string }
  | { type: 'person.changed'; personId: string; role: Role }
  | { type: 'seat.taken'; personId: string; by: 'start' | 'offer' | 'staff' }
  | { type: 'seat.released'; personId: string; reason: 'given_up' | 'taken' }
  | { type: 'seat.offered'; personId: string; offerId: string; until: number }
  | { type: 'seat.declined'; personId: string; offerId: string; reason: 'declined' | 'expired' | 'withdrawn' }
  | { type: 'seat.wanted'; personId: string; want: boolean }
  | {
      type: 'request.made'
      requestId: string
      kind: RequestKind
      personId: string
      text?: string
      language?: string
      anonymous: boolean
      /** Place in the line, ms. */
      order: number
    }
  | { type: 'request.withdrawn'; requestId: string; by: 'owner' | 'staff' | 'left' }
  | { type: 'request.voted'; requestId: string; personId: string }
  | { type: 'request.unvoted'; requestId: string; personId: string }
  | { type: 'request.published'; requestId: string }
  | { type: 'request.declined'; requestId: string }
  | { type: 'request.answered'; requestId: string }
  | { type: 'request.merged'; requestId: string; into: string }
  | {
      type: 'stage.invited'
      invitationId: string
      personId: string
      grade: Grade
      requestId?: string
      until: number
    }
  | { type: 'stage.cancelled'; invitationId: string; reason: 'cancelled' | 'expired' | 'left' }
  | {
      type: 'stage.progressed'
      invitationId: string
      step: Exclude<InvitationStep, 'invited'>
      error?: string
    }
  | { type: 'stage.accepted'; invitationId: string; personId: string; grade: Grade; until: number }
  | { type: 'stage.declined'; invitationId: string }
  | { type: 'stage.joined'; personId: string }
  | { type: 'stage.left'; personId: string; reason: 'left' | 'removed' | 'gone' | 'failed' | 'ended' }
  | { type: 'stage.muted'; personId: string }
  | { type: 'stage.pinned'; personId: string | null }
  | { type: 'stage.timed'; personId: string; seconds: number }
  | {
      type: 'screen.shown'
      screenId: string
      text: string
      language: string
      translations: Record<string, string>
      from?: { requestId: string; personId: string; anonymous: boolean }
    }
  | { type: 'screen.cleared' }
  | { type: 'chat.sent'; messageId: string; personId: string; text: string }
  | { type: 'chat.removed'; messageId: string }
  | { type: 'chat.muted'; personId: string; until: number }
  | { type: 'caption.said'; personId: string; text: string; language: string; final: boolean }
  /** A run was ordered; `previousEnd` freezes the run before it. */
  | { type: 'broadcast.run'; runId: string; previousEnd?: RunEnd; skip?: number }
  /** A run that nobody sees was ordered; a `broadcast.run` of the same id lets it take over. */
  | { type: 'broadcast.standby'; runId: string }
  /** The newest run has been seen to produce parts. */
  | { type: 'broadcast.started'; runId: string }
  | { type: 'broadcast.stopped'; end?: RunEnd }
  /** From `shownAt` on these are its pictures: what viewers see when their own picture reaches that moment. */
  | {
      type: 'broadcast.pictured'
      runId: string
      main: Picture | null
      aside: Picture | null
      shownAt: number
    }
  /** `kept`: it was kept for as long as RETENTION_DAYS says. */
  | { type: 'recording.deleted'; reason: 'asked' | 'kept' }

export type FactType = FactBody['type']

/** Whose command it was: the key of idempotence. Facts of deadlines and reconcilers have none. */
export type Cause = { personId: string; id: string }
/** `at`: server time, ms; never below the `at` of the fact before. `v`: version of the type's fields. */
export type FactMeta = { seq: number; at: number; v: number; cause?: Cause }
export type Fact = FactBody & FactMeta
/** A fact of these types: what a feature's evolve step takes. */
export type FactAmong<T extends FactType> = Extract<FactBody, { type: T }> & FactMeta

const versions: Partial<Record<FactType, number>> = {}
export function versionOf(type: FactType): number {
  return versions[type] ?? 1
}

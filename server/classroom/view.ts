import type { Role, Tier } from './people'
import type { ClassSettings } from './settings'
import type { Grade, InvitationStep, Phase, Picture, RequestKind, RequestStatus } from './state'

/** The class as one audience may know it: the `class` of a snapshot, kept up to date by `evolveView`. */
export type ClassView = {
  classId: string
  title: string
  code: string
  phase: Phase
  startedAt?: number
  endedAt?: number
  settings: ClassSettings
  quiet: boolean
  requests: Readonly<Record<string, RequestView>>
  speakers: Readonly<Record<string, SpeakerView>>
  pinned: string | null
  screen: ScreenView | null
  chat: readonly ChatMessageView[]
  /** Recorded without a break since then (server time, ms); absent: not recorded now. */
  recordedSince?: number
  broadcast: BroadcastView
  /** Staff only; absent for students. */
  people?: Readonly<Record<string, PersonView>>
  invitations?: Readonly<Record<string, InvitationView>>
}

export type BroadcastView = { state: 'off' | 'starting' | 'on' | 'restarting' } & Partial<PicturesView>
/** What the broadcast shows from `shownAt` on (server time, ms). */
export type PicturesView = { main: Picture | null; aside: Picture | null; shownAt: number }

export type RequestView = {
  requestId: string
  kind: RequestKind
  status: RequestStatus
  published: boolean
  madeAt: number
  order: number
  votes: number
  text?: string
  language?: string
  /** Absent for students when the question is anonymous. */
  personId?: string
  name?: string
  anonymous: boolean
}
export type SpeakerView = {
  personId: string
  name: string
  grade: Grade
  state: 'connecting' | 'live'
  since: number
  requestId?: string
  secondsAllowed?: number
}
/** Students get `text` in their own language (`translation` where there is one), staff all `translations`. */
export type ScreenView = {
  screenId: string
  at: number
  text: string
  language: string
  translation?: { text: string; language: string }
  translations?: Readonly<Record<string, string>>
  from?: { requestId: string; name?: string }
}
export type ChatMessageView = {
  messageId: string
  personId: string
  name: string
  role: Role
  text: string
  at: number
}
export type PersonView = {
  personId: string
  name: string
  role: Role
  language: string
  tier: Tier | null
  /** Seq that put them there: the order of the waiting line. */
  since?: number
  spoken: number
}
export type InvitationView = {
  invitationId: string
  personId: string
  name: string
  grade: Grade
  step: InvitationStep
  error?: string
  until: number
  requestId?: string
}

/** What happened, as one audience may know it: the elements of a `facts` frame. */
export type ViewFact = { seq: number; at: number } & ViewFactBody
export type ViewFactBody =
  | { type: 'class.started' | 'class.ended' }
  | { type: 'class.quieted'; on: boolean }
  | { type: 'class.changed'; settings: Partial<ClassSettings> }
  | ({ type: 'person.registered' } & Omit<PersonView, 'tier' | 'since' | 'spoken'>)
  | { type: 'person.joined'; personId: string; tier: Tier }
  | {
      type: 'person.admitted' | 'person.denied' | 'person.left' | 'person.removed'
      personId: string
      reason?: string
    }
  | { type: 'person.changed'; personId: string; role: Role }
  | { type: 'seat.taken'; personId: string }
  | { type: 'seat.released'; personId: string; reason: string }
  | { type: 'seat.offered'; personId: string; until: number }
  | { type: 'seat.declined'; personId: string; reason: string }
  | ({ type: 'request.made' } & RequestView)
  /** Students meet a request when it is published: the whole of it. */
  | ({ type: 'request.published' } & RequestView)
  | { type: 'request.withdrawn' | 'request.declined' | 'request.answered'; requestId: string }
  | { type: 'request.voted' | 'request.unvoted'; requestId: string; votes: number }
  | { type: 'request.merged'; requestId: string; into: string; votes: number }
  | ({ type: 'stage.invited' } & InvitationView)
  | { type: 'stage.cancelled' | 'stage.declined'; invitationId: string; personId: string; reason?: string }
  | { type: 'stage.progressed'; invitationId: string; step: InvitationStep; until: number; error?: string }
  | ({ type: 'stage.accepted'; invitationId?: string } & SpeakerView)
  | { type: 'stage.joined'; personId: string }
  | { type: 'stage.left'; personId: string; reason: string }
  | { type: 'stage.muted'; personId: string }
  | { type: 'stage.pinned'; personId: string | null }
  | { type: 'stage.timed'; personId: string; seconds: number }
  | ({ type: 'screen.shown' } & Omit<ScreenView, 'at'>)
  | { type: 'screen.cleared' }
  | ({ type: 'chat.sent' } & Omit<ChatMessageView, 'at'>)
  | { type: 'chat.removed'; messageId: string }
  | { type: 'chat.muted'; personId: string; until: number }
  | { type: 'caption.said'; text: string; language: string; final: boolean; name: string }
  | { type: 'broadcast.run'; runId: string }
  | { type: 'broadcast.started'; runId: string }
  | { type: 'broadcast.stopped' }
  | ({ type: 'broadcast.pictured' } & PicturesView)
  | { type: 'recording.deleted' }

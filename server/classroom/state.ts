import type { Person, Role, SeatOffer } from './people'
import type { ClassSettings } from './settings'
import { emptyTable, type Table } from './table'

export type Phase = 'draft' | 'live' | 'ended'
export type RequestKind = 'voice' | 'text'
export type RequestStatus = 'pending' | 'approved' | 'declined' | 'answered' | 'withdrawn'

export type Request = {
  requestId: string
  kind: RequestKind
  personId: string
  /** Free text: erased with the person. */
  text?: string
  language?: string
  anonymous: boolean
  status: RequestStatus
  published: boolean
  madeAt: number
  /** Place in the line, ms: when they saw what they react to, within bounds. */
  order: number
  voteCount: number
  mergedInto?: string
}

export type Grade = 'audio' | 'video'
export type InvitationStep = 'invited' | 'checking' | 'ready' | 'blocked'
export type Invitation = {
  invitationId: string
  personId: string
  grade: Grade
  requestId?: string
  step: InvitationStep
  error?: string
  until: number
}

/** `connecting` has a deadline; `live` begins when LiveKit has seen them publish or be able to. */
export type Speaker = {
  personId: string
  grade: Grade
  requestId?: string
  since: number
  secondsAllowed?: number
} & ({ state: 'connecting'; until: number } | { state: 'live' })

export type ScreenItem = {
  screenId: string
  text: string
  language: string
  translations: Readonly<Record<string, string>>
  from?: { requestId: string; personId: string; anonymous: boolean }
  at: number
}

/** `role`: the writer's when they wrote. */
export type ChatMessage = { messageId: string; personId: string; role: Role; text: string; at: number }

/** How much of a run counts for the timeline: segments begun, and parts of the last one. */
export type RunEnd = { segments: number; lastParts: number }
/** `base`: media sequence number of the run's first segment. */
/** `skip`: so many of its first segments were written before it took over, and do not count. */
export type BroadcastRun = { runId: string; base: number; orderedAt: number; skip?: number; end?: RunEnd }
/** Whose picture it is, and of which kind. */
export type Picture = { personId: string; source: 'camera' | 'screen' }
/** What the broadcast shows from `shownAt` on (server time, ms): the main picture and the small one beside it. */
export type Pictures = { runId: string; main: Picture | null; aside: Picture | null; shownAt: number }
/** A time in which the class was live and recorded; without `to` it still is. Server time, ms. */
export type RecordedSpan = { from: number; to?: number }
/** Where a replay is entered; `at` is server time, ms. */
export type Chapter =
  /** `by`: whose words they are; erased with the person. */
  { kind: 'screen'; at: number; text: string; by?: string } | { kind: 'stage'; at: number; personId: string }

export type Broadcast = {
  runs: readonly BroadcastRun[]
  pictures?: Pictures
  /** A second run that nobody sees, until it takes over from the newest. */
  standby?: { runId: string; orderedAt: number }
} & ({ state: 'off' } | { state: 'starting' | 'restarting'; since: number } | { state: 'on'; since: number })

export type Votes = { personId: string; requestIds: readonly string[] }

/** What a person's accepted commands were answered with, for resends. */
export type Answers = Readonly<Record<string, { seq: number; at: number }>>

export type ClassState = {
  classId: string
  orgId: string
  title: string
  code: string
  phase: Phase
  createdAt: number
  startedAt?: number
  endedAt?: number
  settings: ClassSettings
  quiet: boolean
  people: Table<Person>
  /** Student seats held now. */
  seats: { held: number }
  /** Seats offered now, by person: each is kept free until its deadline. */
  offers: Readonly<Record<string, SeatOffer>>
  /** How many are where: kept so that nobody has to count. */
  tiers: { overflow: number; waiting: number }
  /** Staff who are in the class. */
  desks: { held: number }
  /** Students who would take a free seat (personId -> since), oldest first by `since`. */
  seatLine: Table<{ personId: string; since: number }>
  requests: Table<Request>
  pendingRequests: number
  /** By person, the id of their hand that is not closed yet: nobody has two. */
  hands: Table<string>
  /** By person, the requests they have voted for: a vote touches one voter, not the votes of thousands. */
  votes: Table<Votes>
  /** By person: nobody has two. */
  invitations: Readonly<Record<string, Invitation>>
  /** By person. */
  stage: Readonly<Record<string, Speaker>>
  pinned: string | null
  screen: ScreenItem | null
  /** The last messages only. */
  chat: readonly ChatMessage[]
  broadcast: Broadcast
  recording: { spans: readonly RecordedSpan[]; deletedAt?: number }
  chapters: readonly Chapter[]
  answers: Table<Answers>
  /** The number and time of the newest fact. */
  seq: number
  at: number
}

/** The state before `class.created`: only `decide` of `class:create` and `evolve` meet it. */
export function emptyClass(classId: string, settings: ClassSettings): ClassState {
  return {
    classId,
    orgId: '',
    title: '',
    code: '',
    phase: 'draft',
    createdAt: 0,
    settings,
    quiet: false,
    people: emptyTable(),
    seats: { held: 0 },
    offers: {},
    tiers: { overflow: 0, waiting: 0 },
    desks: { held: 0 },
    seatLine: emptyTable(),
    requests: emptyTable(),
    pendingRequests: 0,
    hands: emptyTable(),
    votes: emptyTable(),
    invitations: {},
    stage: {},
    pinned: null,
    screen: null,
    chat: [],
    broadcast: { state: 'off', runs: [] },
    recording: { spans: [] },
    chapters: [],
    answers: emptyTable(),
    seq: 0,
    at: 0,
  }
}

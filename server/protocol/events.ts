import type { PersonCommand } from '../classroom/commands'
import type { ClassView, ViewFact } from '../classroom/view'
import type { You } from '../classroom/you'
import type { ErrorBody } from './errors'

/** The version of everything in this folder; a client of another one is refused. */
export const PROTOCOL_VERSION = 1

/** Where a client stands: it has every fact of `epoch` up to `seq` that its audience may see. */
export type Position = { epoch: number; seq: number }

export type Handshake = { token: string; protocol: 1; deviceId?: string; resume?: Position }

export type SnapshotFrame = Position & {
  /** Server time, ms. */
  now: number
  class: ClassView
}

/** `after`: the `seq` this audience was at before the frame; `seq`: where it is afterwards. */
export type FactsFrame = { after: number; seq: number; facts: ViewFact[] }

/** What a person needs to see and hear the class; absent: not now. */
export type Access = {
  /** `url` starts with ws: or wss:, `token` is good for 5 minutes. */
  livekit?: { url: string; token: string }
  broadcast?: { playlistUrl: string; asideUrl?: string }
}

/** A whole state of one person, never a delta. `connect` and `watch` of the class became tokens and URLs. */
export type YouFrame = Omit<You, 'connect' | 'watch'> & Access

/**
 * How those who report (overflow) see the broadcast: people, median delay (0: nobody who follows live has a picture),
 * share of them with a stall lately or without a picture.
 */
export type PlaybackHealth = { viewers: number; delayP50Ms: number; stalledShare: number }

export type CountsFrame = {
  seats: { limit: number; held: number; offered: number }
  overflow: number
  waiting: number
  requests: number
  stage: number
  /** Staff only, while anybody reports. */
  playback?: PlaybackHealth
}

export type ByeFrame = ErrorBody

export type ClockAnswer = {
  t0: number
  /** Server time (ms) when the question was read, and when the answer was written. */
  t1: number
  t2: number
}

export type Ack = { ok: true; seq: number } | { ok: false; error: ErrorBody }

/** What a command takes besides its `id`. */
export type PayloadOf<N extends PersonCommand['name'], C = PersonCommand> = C extends PersonCommand
  ? N extends C['name']
    ? Omit<C, 'name'>
    : never
  : never

export type PlaybackReport = {
  /** How far behind live the picture is; absent: there is none yet, though the broadcast is on. */
  delayMs?: number
  /** Stalls since the last report. */
  stalls: number
  /** The rendition being played, 0 the lowest; -1 unknown. */
  level: number
  /** Whether the player follows live, rather than being paused or behind on purpose. */
  following: boolean
}

/** Commands that the gateway answers itself; the rest are decided by the class. */
export type GatewayCommands = { 'playback:report': PlaybackReport; 'person:takeover': object }
export type GatewayCommandName = keyof GatewayCommands

type Emit<Payload> = (payload: Payload & { id: string }, ack: (answer: Ack) => void) => void

export type ClientToServerEvents = {
  [N in PersonCommand['name']]: Emit<PayloadOf<N>>
} & { [N in GatewayCommandName]: Emit<GatewayCommands[N]> } & {
  clock: (question: { t0: number }, ack: (answer: ClockAnswer) => void) => void
  /** A frame was missed: what is missing, or a snapshot, and `you` follow on the same connection. */
  resume: (position: Position, ack: (answer: Ack) => void) => void
}

export type ServerToClientEvents = {
  snapshot: (frame: SnapshotFrame) => void
  facts: (frame: FactsFrame) => void
  you: (frame: YouFrame) => void
  counts: (frame: CountsFrame) => void
  /** What you have is no longer the class: forget it; a `snapshot` follows. */
  resync: () => void
  bye: (frame: ByeFrame) => void
}

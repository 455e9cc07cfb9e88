import type { Tier } from '../classroom/people'

/** What a person needs to receive the class now, besides the gateway. Absent: not their way of receiving it. */
export type Access = {
  livekit?: { url: string; token: string }
  broadcast?: { playlistUrl: string; asideUrl?: string }
}

/** The answer to `POST /api/v1/classes/:id/join` (CONTRACT). */
export type JoinAnswer = Access & {
  tier: Tier
  personId: string
  /** `url`: what `io(url, {path: '/gateway'})` connects to; `token` is good for one handshake, 2 minutes. */
  gateway: { url: string; token: string }
  seat?: { state: 'held' } | { state: 'offered'; offerId: string; until: number }
  waiting?: { position: number }
}

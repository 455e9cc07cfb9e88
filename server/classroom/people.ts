/** Who is in a class, and where: the rows that every feature reads. */
export type Role = 'teacher' | 'assistant' | 'student'
export type Tier = 'seat' | 'overflow' | 'waiting'

/** An overflow student may be asked whether they want a seat that came free. */
export type SeatOffer = { offerId: string; until: number }

/**
 * `since` is the seq of the fact that put them there: the order of every line.
 * Staff are at 'desk': tier `seat` for the outside, never counted as a seat.
 */
export type Place =
  | { at: 'outside' }
  | { at: 'waiting'; since: number; admitted: boolean }
  | { at: 'desk'; since: number }
  | { at: 'seat'; since: number }
  | { at: 'overflow'; since: number; wantsSeat: boolean }
  | { at: 'removed' }

export type Person = {
  personId: string
  /** Free text: erased with the person. */
  name: string
  role: Role
  /** BCP 47, one of the languages of the class. */
  language: string
  place: Place
  /** Seq of the fact that last gave them an audience: what they saw before it is no ground to resume on. */
  audienceSince: number
  /** When they last made a request, for the limit of one a minute. */
  lastRequestAt?: number
  lastChatAt?: number
  /** Until when (ms) they may not write in the chat. */
  chatMutedUntil?: number
  /** Times on stage, for the policy "not yet spoken". */
  spoken: number
}

export function isStaff(person: Pick<Person, 'role'>): boolean {
  return person.role !== 'student'
}

export function tierOf(place: Place): Tier | null {
  switch (place.at) {
    case 'outside':
    case 'removed':
      return null
    case 'waiting':
      return 'waiting'
    case 'overflow':
      return 'overflow'
    case 'desk':
    case 'seat':
      return 'seat'
  }
}

import { setMaxListeners } from 'node:events'
import type { Config } from '../../server/config'
import { toLoopbackUrl } from '../stack/loopback'
import { type DemoPerson, type Identity, registerGuest } from './entry'
import type { FoundClass } from './find-class'
import { startHabits } from './habits'
import type { Http } from './http'
import { inventName } from './names'
import type { Options } from './options'
import { pause } from './pause'
import { createPlayers } from './players'
import { createRandom } from './random'
import type { Places, WaitingFor } from './status'
import { Student } from './student'
import type { Tally } from './tally'

/** A class comes in within seconds without the joins standing in each other's way. */
const JOINING_AT_ONCE = 16
/** Of the 2 s in which a demo is gone after Ctrl-C. Who is not out by then counts as gone 45 s later. */
const LEAVE_MS = 1_500
/** So far apart that neighbouring seeds share no students. */
const SEED_STRIDE = 1_000_003

export type Crowd = {
  /** Resolves when none of them can be in the class any more. */
  over: Promise<void>
  places(): Places
  waitingFor(): WaitingFor
  /** Those in seats last, or each seat would be offered to a student who is about to leave. Resolves in time. */
  leave(): Promise<void>
}

/** Brings the students in, a few at a time, and lets them live. */
export async function startCrowd(deps: {
  config: Config
  http: Http
  found: FoundClass
  options: Options
  tally: Tally
}): Promise<Crowd> {
  const { config, http, found, options, tally } = deps
  const ending = new AbortController()
  const { signal } = ending
  // each of them, and each of their pauses, listens for the end
  setMaxListeners(0, signal)
  const random = createRandom(options.seed)
  const identities = Array.from({ length: options.students }, (_, i) => toIdentity(options.seed, i, found))
  const guest = found.id === null ? await registerGuest(http, found.code, identities[0] as Identity) : null
  const classId = found.id ?? guest?.classId ?? ''
  const players = createPlayers({ http, random, tally, signal })
  const students = identities.map((identity, i) => {
    const person: DemoPerson | null = i === 0 ? guest : null
    const gatewayUrl = toLoopbackUrl(config)
    return new Student({ http, gatewayUrl, classId, identity, random, tally, onYou }, person)
  })
  const habits = startHabits({ students, random, tally, pace: options.pace, signal })

  function onYou(student: Student): void {
    players.follow(student)
    habits.answer(student)
  }

  const lives: Promise<void>[] = []
  const line = students.values()
  const bringIn = async () => {
    for (const student of line) {
      if (signal.aborted) return
      lives.push(student.live(signal))
      await student.settled
    }
  }
  const over = Promise.all(Array.from({ length: JOINING_AT_ONCE }, bringIn)).then(async () => {
    await Promise.all(lives)
  })

  const tierOf = ({ you }: Student) => you?.tier ?? 'away'
  return {
    over,
    places() {
      const places: Places = { seat: 0, overflow: 0, waiting: 0, away: 0, watching: players.watching }
      for (const student of students) places[tierOf(student)] += 1
      return places
    },
    waitingFor: () => (students.some(({ phase }) => phase === 'live') ? 'admission' : 'start'),
    async leave() {
      ending.abort()
      const seated = students.filter((student) => tierOf(student) === 'seat')
      const others = students.filter((student) => tierOf(student) !== 'seat')
      const goOut = async () => {
        for (const group of [others, seated]) await Promise.all(group.map((student) => student.leave()))
      }
      await Promise.race([goOut(), pause(LEAVE_MS, new AbortController().signal)])
    },
  }
}

/** The same seed and number give the same student, however many there are. */
function toIdentity(seed: number, number: number, { languages }: FoundClass): Identity {
  const random = createRandom(seed * SEED_STRIDE + number)
  const language = random.pick(languages) ?? 'en'
  return { name: inventName(language, random), language, externalId: `demo-${seed}-${number}` }
}

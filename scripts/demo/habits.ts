import { pause } from './pause'
import { invent } from './phrases'
import type { Random } from './random'
import type { Student } from './student'
import type { Tally } from './tally'

/** How long one student is between two of these, on average, ms: 200 of them make one every 20, 30, 10 and 4 s. */
const HAND_EVERY_MS = 200 * 20_000
const QUESTION_EVERY_MS = 200 * 30_000
const VOTE_EVERY_MS = 200 * 10_000
const CHAT_EVERY_MS = 200 * 4_000
/** A hand that nobody calls on goes down after a minute or so. */
const HAND_UP_MS = 60_000
const WITH_WORDS_SHARE = 0.4
const ANONYMOUS_SHARE = 0.15
/** To read a dialog and decide, least and most; the class gives 20 s. */
const DECIDING_MS = { least: 2_000, most: 8_000 }

export type Habits = {
  /** Answers what the student's `you` asks of them. */
  answer(student: Student): void
}

/** What the crowd does of its own accord, as one Poisson process a habit, from now until `signal`. */
export function startHabits(deps: {
  students: readonly Student[]
  random: Random
  tally: Tally
  pace: number
  signal: AbortSignal
}): Habits {
  const { students, random, tally, pace, signal } = deps
  /** Invitations and offers that are being thought about. */
  const considered = new Set<string>()

  async function repeat(everyMs: number, act: () => unknown): Promise<void> {
    while (await pause(random.exponential(everyMs / students.length / pace), signal)) act()
  }
  const pick = (may: (student: Student) => boolean) => random.pick(students.filter(may))

  async function raiseHand(): Promise<void> {
    const student = pick((s) => s.may('hand:raise'))
    if (!student) return
    const words = random.next() < WITH_WORDS_SHARE ? invent('hand', student.language, random) : {}
    if (!(await student.send('hand:raise', { ...words, sawAt: student.sawAt }))) return
    tally.count('hands')
    if (await pause(random.exponential(HAND_UP_MS / pace), signal)) await lowerHand(student)
  }

  async function lowerHand(student: Student): Promise<void> {
    const requestId = student.you?.request?.requestId
    if (!requestId || !student.may('request:withdraw')) return
    if (await student.send('request:withdraw', { requestId })) tally.count('lowered')
  }

  async function ask(): Promise<void> {
    const student = pick((s) => s.may('question:ask'))
    if (!student) return
    const question = invent('question', student.language, random)
    const anonymous = random.next() < ANONYMOUS_SHARE
    const asked = await student.send('question:ask', { ...question, anonymous, sawAt: student.sawAt })
    if (asked) tally.count('questions')
  }

  async function vote(): Promise<void> {
    const student = pick((s) => s.may('request:vote') && openTo(s).length > 0)
    const requestId = student && random.pick(openTo(student))
    if (requestId && (await student.send('request:vote', { requestId }))) tally.count('votes')
  }

  async function chat(): Promise<void> {
    const student = pick((s) => s.may('chat:send'))
    const sent = student?.send('chat:send', { text: invent('chat', student.language, random).text })
    if (await sent) tally.count('messages')
  }

  async function consider(id: string, decide: () => Promise<unknown>): Promise<void> {
    if (considered.has(id)) return
    considered.add(id)
    const { least, most } = DECIDING_MS
    if (await pause(random.between(least, most) / Math.max(1, pace), signal)) await decide()
  }

  repeat(HAND_EVERY_MS, raiseHand)
  repeat(QUESTION_EVERY_MS, ask)
  repeat(VOTE_EVERY_MS, vote)
  repeat(CHAT_EVERY_MS, chat)

  return {
    answer(student) {
      const { invitation, seat } = student.you ?? {}
      if (invitation) {
        const { invitationId } = invitation
        consider(invitationId, async () => {
          if (student.you?.invitation?.invitationId !== invitationId) return
          if (await student.send('stage:decline', { invitationId })) tally.count('declined')
        })
      }
      if (seat?.state === 'offered') {
        const { offerId } = seat
        consider(offerId, async () => {
          if (student.may('seat:accept')) await student.send('seat:accept', { offerId })
        })
      }
    },
  }
}

const openTo = ({ questions, you }: Student): string[] =>
  [...questions].filter((requestId) => !you?.votes.includes(requestId))

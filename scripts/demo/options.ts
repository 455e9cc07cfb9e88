import { parseArgs } from 'node:util'
import { UsageError } from '../amphi/usage'

const STUDENTS = 200
/** As many were in after 25 s and took a quarter of a core, on two cores that carried the whole stack besides. */
const STUDENTS_LIMIT = 2_000
const PACE_LIMIT = 1_000

export const USAGE = `Usage: npm run demo -- [OPTION...]
Fills the demo class of the Amphi that runs here (same environment and DATA_DIR) with simulated students.
  --students N    how many (${STUDENTS}; at most ${STUDENTS_LIMIT})
  --class CODE    another class, by its join code
  --minutes M     end after so long; without it, when the class ends or at Ctrl-C
  --pace X        how lively, times a human pace (1): of 200 students somebody raises a hand every 20 s, asks every
                  30 s, votes every 10 s and writes in the chat every 4 s
  --seed N        other students, who do other things at other times (1); with the same seed the same come back
  --help          this text
Each student is a person of the class with a gateway connection of their own. They raise hands and lower them, ask,
vote, chat, take a seat that is offered, and decline when they are invited to the stage. Not simulated is media of
the seats: nobody connects to LiveKit, sends or receives there. Those in overflow (at most 400
of them) ask for the broadcast's playlist as a player does, but take a part of it only now and then, play nothing
and report no playback.`

export type Options = {
  students: number
  seed: number
  minutes: number | null
  pace: number
  code: string | null
}

/** Throws UsageError. */
export function parseOptions(args: string[]): Options | 'help' {
  const { students, seed, minutes, pace, class: code, help } = readArgs(args)
  if (help) return 'help'
  const whole = Number(students ?? STUDENTS)
  if (!Number.isInteger(whole) || whole < 1 || whole > STUDENTS_LIMIT) {
    throw new UsageError(`--students is a whole number from 1 to ${STUDENTS_LIMIT}.`)
  }
  const chosenSeed = Number(seed ?? 1)
  if (!Number.isSafeInteger(chosenSeed) || chosenSeed < 0) throw new UsageError('--seed is a whole number.')
  const lasting = minutes === undefined ? null : Number(minutes)
  if (lasting !== null && !(lasting > 0 && Number.isFinite(lasting))) {
    throw new UsageError('--minutes is a number above 0.')
  }
  const lively = Number(pace ?? 1)
  if (!(lively > 0 && lively <= PACE_LIMIT)) {
    throw new UsageError(`--pace is a number above 0, at most ${PACE_LIMIT}.`)
  }
  return { students: whole, seed: chosenSeed, minutes: lasting, pace: lively, code: code ?? null }
}

function readArgs(args: string[]) {
  const value = { type: 'string' } as const
  const options = { students: value, seed: value, minutes: value, pace: value, class: value }
  try {
    return parseArgs({ args, options: { ...options, help: { type: 'boolean', short: 'h' } } }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

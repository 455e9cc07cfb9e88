import type { Audience } from '../classroom/audience'
import { toCounts } from '../classroom/counts'
import type { ClassState } from '../classroom/state'
import type { PlaybackHealth } from '../protocol/events'
import { type Frame, fanOut, toFrame } from './fan-out'
import type { Member } from './member'

/** Staff steer by these; for students they are scenery. */
const TICK_MS = 1000
const STUDENTS_EVERY_TICKS = 5

export type CountsSender = {
  /** Who has just come hears the numbers at the next tick, changed or not. */
  welcome(member: Member): void
  close(): void
}

export type CountsSenderDeps = {
  state(): ClassState
  health(): PlaybackHealth | null
  channels(): ReadonlyMap<Audience, { members: ReadonlySet<Member> }>
  onTick(tick: number): void
}

type Readers = 'staff' | 'students'

/** Sends the numbers of a class at a steady pace, and only where they changed. */
export function createCountsSender(deps: CountsSenderDeps): CountsSender {
  let tick = 0
  const told: Record<Readers, string> = { staff: '', students: '' }
  const fresh = new Set<Member>()

  function toCountsFrame(readers: Readers): Frame {
    const playback = readers === 'staff' ? deps.health() : null
    return toFrame('counts', { ...toCounts(deps.state()), ...(playback && { playback }) })
  }

  function send(readers: Readers, due: boolean) {
    const frame = toCountsFrame(readers)
    const changed = due && frame.packet !== told[readers]
    if (changed) told[readers] = frame.packet
    for (const [audience, { members }] of deps.channels()) {
      if ((audience === 'staff') !== (readers === 'staff')) continue
      fanOut(frame, changed ? members : [...fresh].filter((member) => members.has(member)))
    }
  }

  const timer = setInterval(() => {
    tick += 1
    send('staff', true)
    send('students', tick % STUDENTS_EVERY_TICKS === 0)
    fresh.clear()
    deps.onTick(tick)
  }, TICK_MS)
  timer.unref()

  return {
    welcome: (member) => void fresh.add(member),
    close: () => clearInterval(timer),
  }
}

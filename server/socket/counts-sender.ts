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
  /** The same at once, for those who have had the rest. */
  tellNow(member: Member): void
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
  /** Null: not everybody heard the same last. */
  const told: Record<Readers, Frame | null> = { staff: null, students: null }
  const rendered: Record<Readers, { state: ClassState; frame: Frame } | null> = {
    staff: null,
    students: null,
  }
  const fresh = new Set<Member>()

  function toCountsFrame(readers: Readers): Frame {
    const state = deps.state()
    const playback = readers === 'staff' ? deps.health() : null
    const frame = toFrame('counts', { ...toCounts(state), ...(playback && { playback }) })
    rendered[readers] = { state, frame }
    return frame
  }

  function send(readers: Readers, due: boolean) {
    const frame = toCountsFrame(readers)
    const changed = due && !told[readers]?.equals(frame)
    if (changed) told[readers] = frame
    for (const [audience, { members }] of deps.channels()) {
      if ((audience === 'staff') !== (readers === 'staff')) continue
      fanOut(frame, changed ? members : [...fresh].filter((member) => members.has(member)))
    }
  }

  function tellNow(member: Member) {
    const readers = member.audience === 'staff' ? 'staff' : 'students'
    const known = rendered[readers]
    const frame = known?.state === deps.state() ? known.frame : toCountsFrame(readers)
    if (!told[readers]?.equals(frame)) told[readers] = null
    fresh.delete(member)
    member.outlet.write(frame)
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
    tellNow,
    close: () => clearInterval(timer),
  }
}

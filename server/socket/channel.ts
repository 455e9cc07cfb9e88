import type { AudienceTimeline, Step } from './audience-timeline'
import { type Frame, toFrameOfJson } from './fan-out'
import type { Member } from './member'

/** A pass over ten thousand takes 120 ms: others have their turn five times meanwhile. */
const SLICE_MS = 20
/** After a pass of several slices there is a pause of this share of its time, so that what else there is gets done. */
const PAUSE_SHARE = 0.25
/** Members between two looks at the clock, under a millisecond's worth. */
const LOOK_EVERY = 64
/** Places at which many are at the same time; whoever names others has their frame encoded for themselves. */
const SHARED_FRAMES = 16

/**
 * The members of one audience. Everybody is brought from where they are to where the timeline is; one frame is encoded
 * for all who are at the same place. Facts that come while a large audience is being told join the next frame, so a
 * class that is livelier than its process is fast has longer frames rather than a growing queue of them.
 */
export type Channel = {
  readonly timeline: AudienceTimeline
  readonly members: ReadonlySet<Member>
  /** They know everything up to `timeline.seq`. */
  add(member: Member): void
  delete(member: Member): void
  /** Everything since `seq`; null: that is not known any more, or never was. */
  frameFrom(seq: number): Frame | null
  advance(steps: readonly Step[]): void
}

/** `lose`: somebody who is too far behind to be told the facts. */
export function createChannel(
  timeline: AudienceTimeline,
  lose: (member: Member) => void,
  now: () => number = () => performance.now(),
): Channel {
  const members = new Set<Member>()
  /** To the newest fact, by the number from which they go on. */
  const frames = new Map<number, Frame>()
  let pass: Iterator<Member> | null = null
  let began = 0
  let behind = false

  function bring(member: Member) {
    if (member.seq === timeline.seq) return
    const frame = frameFrom(member.seq)
    if (!frame) return lose(member)
    member.seq = timeline.seq
    member.outlet.write(frame)
  }

  function frameFrom(seq: number): Frame | null {
    const known = frames.get(seq)
    if (known) return known
    const json = timeline.resume(seq)
    if (json === null) return null
    const frame = toFrameOfJson('facts', json)
    if (frames.size < SHARED_FRAMES) frames.set(seq, frame)
    return frame
  }

  function begin() {
    if (!behind || members.size === 0) return
    behind = false
    pass = members.values()
    began = now()
    run()
  }

  function run() {
    const until = now() + SLICE_MS
    let told = 0
    for (let next = pass?.next(); next && !next.done; next = pass?.next()) {
      bring(next.value)
      told += 1
      if (told % LOOK_EVERY === 0 && now() > until) return void setImmediate(run)
    }
    const tookMs = now() - began
    if (tookMs > SLICE_MS) setTimeout(end, tookMs * PAUSE_SHARE)
    else end()
  }

  function end() {
    pass = null
    begin()
  }

  return {
    timeline,
    members,
    add(member) {
      member.seq = timeline.seq
      members.add(member)
    },
    delete: (member) => void members.delete(member),
    frameFrom,
    advance(steps) {
      const after = timeline.seq
      const json = timeline.advance(steps)
      if (json === null) return
      frames.clear()
      frames.set(after, toFrameOfJson('facts', json))
      behind = true
      // The first part at once: in a class of ordinary size that is everybody.
      if (!pass) begin()
    },
  }
}

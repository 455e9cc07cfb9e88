import type { Audience } from '../classroom/audience'
import type { ClassState } from '../classroom/state'
import type { AudienceTimeline } from './audience-timeline'
import { type Frame, toFrameOfJson } from './fan-out'

/** A snapshot says what time it is: one is shared for as long as that is right to within a network's own jitter. */
const SHARED_MS = 20

/** Snapshots of one class as bytes, rendered once for all who come at a time. */
export type Snapshots = {
  of(timeline: AudienceTimeline, epoch: number, state: ClassState): Frame
  forget(audience: Audience): void
}

export function createSnapshots(now: () => number): Snapshots {
  const rendered = new Map<Audience, { epoch: number; seq: number; at: number; frame: Frame }>()
  return {
    of(timeline, epoch, state) {
      const { audience, seq } = timeline
      const at = now()
      const known = rendered.get(audience)
      if (known?.seq === seq && known.epoch === epoch && at - known.at < SHARED_MS) return known.frame
      const json = `{"epoch":${epoch},"seq":${seq},"now":${at},"class":${timeline.toClassJson(state)}}`
      const frame = toFrameOfJson('snapshot', json)
      rendered.set(audience, { epoch, seq, at, frame })
      return frame
    },
    forget: (audience) => void rendered.delete(audience),
  }
}

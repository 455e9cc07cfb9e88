import { z } from 'zod'
import type { Position } from './events'

const counter = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

/** Where a client says it stands. */
export const position = z.object({ epoch: counter, seq: counter })
const clock = z.object({ t0: z.number() })

/** What comes with `resume`; null: not a position. */
export function parsePosition(payload: unknown): Position | null {
  return position.safeParse(payload).data ?? null
}

/** What comes with `clock`: the client's own time, given back as it is. */
export function parseT0(payload: unknown): number | null {
  return clock.safeParse(payload).data?.t0 ?? null
}

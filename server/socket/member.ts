import type { Audience } from '../classroom/audience'
import type { ByeCode } from '../protocol/errors'
import type { Outlet } from './outlet'

/** One connection of one person. A person may have several: two tabs, a phone beside a laptop. */
export type Member = {
  readonly socketId: string
  readonly personId: string
  readonly outlet: Pick<Outlet, 'write'>
  /** The Host header by which they came: URLs sent to them have to work from there. */
  readonly host: string | undefined
  /** Set when they enter a class, and when their role changes. */
  audience: Audience | null
  /** The number of the fact that they know everything up to; kept by their channel. */
  seq: number
  /** Says why, then closes; only the first call counts. */
  bye(code: ByeCode, retryAfterMs?: number): void
}

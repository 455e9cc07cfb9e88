import type { Refusal } from '../classroom/decision'
import type { Fact } from '../classroom/facts'

/**
 * What became of a command. `ok` means committed: no crash takes it back. `busy` and `unavailable` promise nothing:
 * the command may or may not have been carried out, and a resend under the same id settles it.
 */
export type Outcome =
  /** `facts` is empty for a resend and for a command that changed nothing; `seq` of a resend is the original. */
  | { ok: true; seq: number; facts: Fact[] }
  | { ok: false; kind: 'refusal'; refusal: Refusal }
  | { ok: false; kind: 'busy' | 'unavailable'; retryAfterMs: number }
  | { ok: false; kind: 'unknown_class' }

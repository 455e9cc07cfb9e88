/** A script with this many XADDs takes about a millisecond of Redis: nobody else waits longer for it. */
export const GROUP_COMMANDS = 500
/** Half a second of work at the measured 20,000 facts a second; who comes later is told `busy`. */
export const QUEUE_COMMANDS = 10_000
/** What `busy` asks for: the time in which half of a full queue is gone. */
export const BUSY_RETRY_MS = 500
/** What `unavailable` asks for: Redis comes back or a lease runs out in a few times this. */
export const UNAVAILABLE_RETRY_MS = 1_000
/** A resume of a client that was away for minutes of a busy class; about 5 MB of a process at most. */
export const RING_FACTS = 10_000
/** One read of a gap: about 1 MB. */
export const READ_FACTS = 2_000
/** Replaying this many facts takes tens of milliseconds; a state of 10,000 people is some MB to write. */
export const CHECKPOINT_FACTS = 5_000
/** One transaction of the scribe: some tens of milliseconds, also on the embedded database. */
export const SCRIBE_FACTS = 1_000
/** Facts that only Redis has. A join wave of ten thousand fits; beyond, commands are answered `busy`. */
export const MAX_LAG_FACTS = 40_000
/**
 * Rebuilt without any memory of the tail, a class goes on at the archived seq plus this: more than the archive can
 * ever have lagged, so that seq does not go down.
 */
export const REBUILD_GAP = 2 * MAX_LAG_FACTS

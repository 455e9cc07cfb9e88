/** How the log of a process behaves in time. Tests shorten some of it. */
export type Timing = typeof timing

export const timing = {
  /** How long a class has no leader after a crash: short enough that people only see one slow command. */
  leaseMs: 4_000,
  /** Three renewals may be late or lost before a lease ends. */
  renewMs: 1_000,
  /** Gaps are read on this timer too: the longest that a lost hint is noticed by anybody. */
  pollMs: 2_000,
  /** Between looks for classes that nobody leads. */
  caretakerMs: 2_000,
  /** An answer passed on within one machine room takes milliseconds; this is a leader that is gone or stuck. */
  passTimeoutMs: 1_500,
  /** A person waits no longer for an answer: their page says so and resends. */
  submitTimeoutMs: 6_000,
  /** Redis is restarted or fails over in about this time; a command may wait for that. */
  redisPatienceMs: 2_000,
  /** A class that nobody listens to stays loaded, so that a reload finds it warm. */
  idleMs: 60_000,
  /** Facts wait this long for others before they are written out together. */
  scribeLingerMs: 50,
  /** Between tries while the archive is away. */
  scribeRetryMs: 1_000,
  /** Between looks for erasures that were begun and not ended: nobody waits for those. */
  erasureMs: 60_000,
  /**
   * A class that is over and archived stays in Redis for a day: people come back to its page, and who was cut off
   * learns how it ended. Then it is read from the archive.
   */
  endedKeptMs: 86_400_000,
  /** Who knows the most history speaks first when Redis has lost some: the leader at once, then those who followed. */
  followerPatienceMs: 700,
  strangerPatienceMs: 2_500,
  /** The first connections may wait for a Redis that starts at the same time. */
  startPatienceMs: 5_000,
}

import type { Envelope } from '../classroom/commands'
import { eraseFact } from '../classroom/erase'
import type { Logger } from '../logger'
import type { FactArchive } from './archive'
import type { Erasure } from './erasures'
import type { Opened } from './followers'
import { UNAVAILABLE_RETRY_MS } from './limits'
import type { Outcome } from './outcome'

/** The scribe writes the beginning of the epoch in some tens of milliseconds. */
const ARCHIVE_PATIENCE_MS = 5_000
const LOOK_AGAIN_MS = 20
/** A round of what was left undone: a crash in the middle of an erasure is rare. */
const ERASURES_A_ROUND = 20

export type ErasePersonDeps = {
  archive: FactArchive
  logger: Logger
  open(classId: string): Promise<Opened>
  submit(classId: string, envelope: Envelope): Promise<Outcome>
}

/** Forgets people in every place that has their words. Each step may be done again, so whoever comes later goes on. */
export interface EraseDesk {
  erase(erasure: Erasure): Promise<Outcome>
  /** Those that somebody began and did not end. */
  goOn(): Promise<void>
}

const unavailable: Outcome = { ok: false, kind: 'unavailable', retryAfterMs: UNAVAILABLE_RETRY_MS }

export function createEraseDesk({ archive, logger, open, submit }: ErasePersonDeps): EraseDesk {
  async function erase(erasure: Erasure): Promise<Outcome> {
    const { classId, personId } = erasure
    try {
      await archive.erasures.add(erasure)
      // The leader takes them out of the class, then out of its log.
      const command = { name: 'person:erase', personId } as const
      const outcome = await submit(classId, { id: '', by: { kind: 'system' }, command })
      if (!outcome.ok) return outcome
      if (!(await untilArchived(classId))) return unavailable
      await archive.erasures.carryOut(erasure, (fact) => eraseFact(fact, personId))
      return outcome
    } catch (error) {
      logger.warn({ err: error, ...erasure }, 'Somebody could not be erased yet')
      return unavailable
    }
  }

  /** Before, the archive may still get facts of the epoch that had the person. */
  async function untilArchived(classId: string): Promise<boolean> {
    const follower = await open(classId)
    if (typeof follower !== 'object' || (await follower.catchUp()) !== 'current') return false
    const deadline = performance.now() + ARCHIVE_PATIENCE_MS
    while (performance.now() < deadline) {
      const position = await archive.findPosition(classId)
      if (position && position.epoch >= follower.head.epoch) return true
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    }
    return false
  }

  return {
    erase,
    async goOn() {
      for (const erasure of await archive.erasures.list(ERASURES_A_ROUND)) await erase(erasure)
    },
  }
}

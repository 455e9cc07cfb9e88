import type { ClassState } from '../classroom/state'
import { filterRows } from '../classroom/table'
import type { ClassLogs, FollowedClass, Logger } from '../log/class-logs'
import { createLoop } from '../loop'
import type { Revocations } from './revocations'

/** Redis is mostly back in a second; whoever is removed watches on meanwhile. */
const FIRST_RETRY_MS = 250
/** Long enough to trouble nobody in an outage of hours, short beside the 6 h that a token is good for. */
const LAST_RETRY_MS = 8_000

/**
 * Whoever is removed from a class loses their tokens too. Done by the process that leads the class, again and again
 * until it is written, and for all of its removed when it begins to lead: the one before may have died between the
 * fact and this. Returns what ends it.
 */
export function revokeRemoved(
  logs: Pick<ClassLogs, 'onLead'>,
  revocations: Pick<Revocations, 'revoke'>,
  logger: Logger,
): () => void {
  const ledClasses = new Map<FollowedClass, () => void>()

  function end(followed: FollowedClass) {
    ledClasses.get(followed)?.()
    ledClasses.delete(followed)
  }

  function begin(followed: FollowedClass) {
    const { classId } = followed
    const writer = createWriter(revocations, logger, classId)
    const unlisten = followed.listen((event) => {
      if (event.kind === 'closed') end(followed)
      if (event.kind !== 'batch') return
      writer.write(
        event.batch.facts.flatMap((fact) => (fact.type === 'person.removed' ? [fact.personId] : [])),
      )
    })
    ledClasses.set(followed, () => {
      unlisten()
      writer.stop()
    })
    writer.write(findRemoved(followed.state))
  }

  const unlisten = logs.onLead((followed, leading) => {
    end(followed)
    if (leading) begin(followed)
  })
  return () => {
    unlisten()
    for (const followed of ledClasses.keys()) end(followed)
  }
}

/** What could not be written is due until it is, or until `stop`: the next to lead writes all. */
function createWriter(revocations: Pick<Revocations, 'revoke'>, logger: Logger, classId: string) {
  const due = new Set<string>()
  let failures = 0

  async function writeDue(): Promise<number | null> {
    const personIds = [...due]
    try {
      await revocations.revoke(personIds)
    } catch (err) {
      if (failures === 0) logger.warn({ err, classId }, 'tokens of removed people are not revoked yet')
      failures += 1
      return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1))
    }
    failures = 0
    for (const personId of personIds) due.delete(personId)
    return null
  }

  const loop = createLoop(writeDue)
  return {
    write(personIds: readonly string[]) {
      if (personIds.length === 0) return
      for (const personId of personIds) due.add(personId)
      loop.lookIn(0)
    },
    stop: loop.stop,
  }
}

function findRemoved(state: ClassState): string[] {
  return filterRows(state.people, ({ place }) => place.at === 'removed').map(({ personId }) => personId)
}

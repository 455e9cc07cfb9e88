import type { Redis } from 'ioredis'
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
 * until it is written. And for all of its removed when it begins to lead, as the one before may have died between the
 * fact and this; and when Redis is back or the history goes on in a new epoch, as Redis may have lost what it had
 * acknowledged within its last second, the removal or only this. Returns what ends it.
 */
export function revokeRemoved(
  logs: Pick<ClassLogs, 'onLead'>,
  revocations: Pick<Revocations, 'revoke'>,
  redis: Pick<Redis, 'on' | 'off'>,
  logger: Logger,
): () => void {
  const ledClasses = new Map<FollowedClass, { writeAll(): void; end(): void }>()

  function end(followed: FollowedClass) {
    ledClasses.get(followed)?.end()
    ledClasses.delete(followed)
  }

  function begin(followed: FollowedClass) {
    const { classId } = followed
    const writer = createWriter(revocations, logger, classId)
    const writeAll = () => writer.write(findRemoved(followed.state))
    const unlisten = followed.listen((event) => {
      if (event.kind === 'closed') end(followed)
      if (event.kind === 'epoch') writeAll()
      if (event.kind !== 'batch') return
      writer.write(
        event.batch.facts.flatMap((fact) => (fact.type === 'person.removed' ? [fact.personId] : [])),
      )
    })
    ledClasses.set(followed, {
      writeAll,
      end() {
        unlisten()
        writer.stop()
      },
    })
    writeAll()
  }

  const unlisten = logs.onLead((followed, leading) => {
    end(followed)
    if (leading) begin(followed)
  })
  const writeAll = () => {
    for (const one of ledClasses.values()) one.writeAll()
  }
  redis.on('ready', writeAll)
  return () => {
    redis.off('ready', writeAll)
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

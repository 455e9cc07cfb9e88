import type { ClassState } from '../classroom/state'
import { filterRows } from '../classroom/table'
import type { ClassLogs, FollowedClass, Logger } from '../log/class-logs'
import type { Revocations } from './revocations'

/**
 * Whoever is removed from a class loses their tokens too. Done by the process that leads the class, and again for
 * all of its removed when it begins to lead: the one before may have died between the fact and this.
 */
export function revokeRemoved(logs: ClassLogs, revocations: Revocations, logger: Logger): () => void {
  const attached = new Set<FollowedClass>()

  function revoke(classId: string, personIds: readonly string[]) {
    revocations.revoke(personIds).catch((err: unknown) => {
      logger.warn({ err, classId }, 'tokens of removed people could not be revoked')
    })
  }

  return logs.onLead((followed, leading) => {
    const { classId } = followed
    if (leading) revoke(classId, findRemoved(followed.state))
    if (attached.has(followed)) return
    attached.add(followed)
    followed.listen((event) => {
      if (event.kind === 'closed') attached.delete(followed)
      if (event.kind !== 'batch' || !followed.leading) return
      const removed = event.batch.facts.flatMap((fact) =>
        fact.type === 'person.removed' ? [fact.personId] : [],
      )
      revoke(classId, removed)
    })
  })
}

function findRemoved(state: ClassState): string[] {
  return filterRows(state.people, ({ place }) => place.at === 'removed').map(({ personId }) => personId)
}

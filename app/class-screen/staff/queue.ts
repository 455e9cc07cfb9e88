import type { LinePolicy } from '../../../server/classroom/settings'
import type { RequestKind } from '../../../server/classroom/state'
import type { PersonView, RequestView } from '../../../server/classroom/view'

export type QueueFilter = 'all' | RequestKind

/**
 * What still wants something from the staff, in the order of the class: who spoke least first where that is the policy,
 * then by the moment each student reacted to. Invited people stay where they were until they are on stage.
 */
export function toQueue(
  requests: Readonly<Record<string, RequestView>>,
  people: Readonly<Record<string, PersonView>>,
  policy: LinePolicy,
  filter: QueueFilter,
): RequestView[] {
  const spoken = ({ personId }: RequestView) =>
    policy === 'not-yet-spoken' && personId ? (people[personId]?.spoken ?? 0) : 0
  return Object.values(requests)
    .filter(({ status, kind }) => isOpen(status) && (filter === 'all' || kind === filter))
    .sort((a, b) => spoken(a) - spoken(b) || a.order - b.order || a.madeAt - b.madeAt)
}

function isOpen(status: RequestView['status']): boolean {
  return status === 'pending' || status === 'approved'
}

import type { LinePolicy } from '../../../server/classroom/settings'
import type { RequestKind } from '../../../server/classroom/state'
import type { PersonView, RequestView } from '../../../server/classroom/view'

export type QueueFilter = 'all' | RequestKind

/**
 * What still wants something from the staff, in the order of the class: who spoke least first where that is the policy,
 * by lot where that is, then by the moment each student reacted to. Invited people stay where they were until they are
 * on stage.
 */
export function toQueue(
  requests: Readonly<Record<string, RequestView>>,
  people: Readonly<Record<string, PersonView>>,
  policy: LinePolicy,
  filter: QueueFilter,
): RequestView[] {
  const spoken = ({ personId }: RequestView) =>
    policy === 'not-yet-spoken' && personId ? (people[personId]?.spoken ?? 0) : 0
  const lot = ({ requestId }: RequestView) => (policy === 'random' ? drawn(requestId) : 0)
  return Object.values(requests)
    .filter(({ status, kind }) => isOpen(status) && (filter === 'all' || kind === filter))
    .sort((a, b) => spoken(a) - spoken(b) || lot(a) - lot(b) || a.order - b.order || a.madeAt - b.madeAt)
}

/** A lot that stays: the id of a request is random already, every screen draws the same from it (FNV-1a). */
function drawn(requestId: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < requestId.length; i++) hash = Math.imul(hash ^ requestId.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

function isOpen(status: RequestView['status']): boolean {
  return status === 'pending' || status === 'approved'
}

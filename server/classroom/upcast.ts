import { type Fact, type FactType, versionOf } from './facts'

const known: Record<FactType, true> = {
  'class.created': true,
  'class.started': true,
  'class.ended': true,
  'class.quieted': true,
  'class.changed': true,
  'person.registered': true,
  'person.joined': true,
  'person.admitted': true,
  'person.denied': true,
  'person.left': true,
  'person.removed': true,
  'person.changed': true,
  'seat.taken': true,
  'seat.released': true,
  'seat.offered': true,
  'seat.declined': true,
  'seat.wanted': true,
  'request.made': true,
  'request.withdrawn': true,
  'request.voted': true,
  'request.unvoted': true,
  'request.published': true,
  'request.declined': true,
  'request.answered': true,
  'request.merged': true,
  'stage.invited': true,
  'stage.cancelled': true,
  'stage.progressed': true,
  'stage.accepted': true,
  'stage.declined': true,
  'stage.joined': true,
  'stage.left': true,
  'stage.muted': true,
  'stage.pinned': true,
  'stage.timed': true,
  'screen.shown': true,
  'screen.cleared': true,
  'chat.sent': true,
  'chat.removed': true,
  'chat.muted': true,
  'caption.said': true,
  'broadcast.run': true,
  'broadcast.started': true,
  'broadcast.stopped': true,
  'broadcast.pictured': true,
  'broadcast.standby': true,
  'recording.deleted': true,
}

export const knownTypes: ReadonlySet<string> = new Set(Object.keys(known))

/**
 * A stored fact as this version understands it; 'unknown' for one that a newer version wrote: who meets it must stop
 * serving the class. Facts are our own writing: their fields are trusted, their type and version are not.
 */
export function upcast(stored: { type: string; v: number }): Fact | 'unknown' {
  if (!knownTypes.has(stored.type)) return 'unknown'
  const type = stored.type as FactType
  return stored.v <= versionOf(type) ? (stored as Fact) : 'unknown'
}

/**
 * Which picture of the class is on show while a person goes from the broadcast to WebRTC or back. The old picture
 * stays until the new one moves, so nobody ever looks at nothing.
 */
export type Picture = 'none' | 'broadcast' | 'live'
export type HandOver = { shown: Picture; livePlays: boolean; broadcastPlays: boolean }
export type Wanted = { live: boolean; broadcast: boolean }

export const nothingShown: HandOver = { shown: 'none', livePlays: false, broadcastPlays: false }

export type HandOverEvent =
  | { type: 'wanted'; wanted: Wanted }
  /** The first frame of somebody else over WebRTC is on the page; or there is nobody to be seen. */
  | { type: 'live-plays'; wanted: Wanted }
  | { type: 'broadcast-plays'; wanted: Wanted }
  | { type: 'broadcast-lost' }

export function evolveHandOver(now: HandOver, event: HandOverEvent): HandOver {
  switch (event.type) {
    case 'wanted':
      return toNext(now, event.wanted)
    case 'live-plays':
      return toNext({ ...now, livePlays: true }, event.wanted)
    case 'broadcast-plays':
      return toNext({ ...now, broadcastPlays: true }, event.wanted)
    case 'broadcast-lost':
      return { ...now, broadcastPlays: false }
  }
}

/** What leaves the page plays no more: when it is wanted again, it has to begin anew. */
function toNext(now: HandOver, wanted: Wanted): HandOver {
  const next = toShown(now, wanted)
  const mounted = toMounted(next, wanted)
  return {
    shown: next.shown,
    livePlays: next.livePlays && mounted.live,
    broadcastPlays: next.broadcastPlays && mounted.broadcast,
  }
}

function toShown(now: HandOver, wanted: Wanted): HandOver {
  if (wanted.live && (now.livePlays || now.shown !== 'broadcast')) return { ...now, shown: 'live' }
  if (!wanted.live && wanted.broadcast && (now.broadcastPlays || now.shown !== 'live')) {
    return { ...now, shown: 'broadcast' }
  }
  if (!wanted.live && !wanted.broadcast) return { ...now, shown: 'none' }
  return now
}

/** What has to be on the page: what is wanted, and what is still shown until that moves. */
export function toMounted({ shown }: HandOver, wanted: Wanted): Wanted {
  return { live: wanted.live || shown === 'live', broadcast: wanted.broadcast || shown === 'broadcast' }
}

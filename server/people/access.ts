import { toMediaRights } from '../classroom/media-rights'
import type { ClassState } from '../classroom/state'
import { findRow } from '../classroom/table'
import type { You } from '../classroom/you'
import type { LivekitTokens } from '../livekit/tokens'
import type { Access as AccessAnswer } from '../protocol/events'
import type { WatchTokens } from './watch-tokens'

export type AccessDeps = {
  livekitTokens: LivekitTokens
  /** Where browsers find LiveKit's signalling (ws or wss). */
  livekitPublicUrl: string
  watchTokens: WatchTokens
  originPublicUrl: string
}

/** Never met: who has a `You` has a row. */
const DEFAULT_LANGUAGE = 'en'

/** Adds to a person's state what opens the doors it speaks of: used by the join over HTTP and by every `you`. */
export type Access = {
  forPerson(state: ClassState, you: You): Promise<AccessAnswer>
  /** The same for somebody who is not to connect to LiveKit (`you.connect` is false): nothing to wait for. */
  forViewer(state: ClassState, you: You): AccessAnswer
  /** The playlist of what was recorded of an ended class. Who may have it is for the caller to know. */
  replayUrl(classId: string, personId: string): string
  /** For a device that tries its connection to LiveKit, in an empty room of that name. */
  forCheck(checkId: string): Promise<{ url: string; token: string }>
}

export function createAccess(deps: AccessDeps): Access {
  const broadcastUrl = (classId: string, personId: string, only?: 'replay') =>
    `${deps.originPublicUrl}/${deps.watchTokens.sign(classId, personId, only)}/${classId}`

  const forViewer = ({ classId, phase }: ClassState, { watch, personId }: You): AccessAnswer => {
    if (!watch) return {}
    const isOver = phase === 'ended'
    const url = broadcastUrl(classId, personId, isOver ? 'replay' : undefined)
    const aside = isOver ? 'aside.replay.m3u8' : 'aside.m3u8'
    return { broadcast: { playlistUrl: `${url}/index.m3u8`, asideUrl: `${url}/${aside}` } }
  }

  return {
    replayUrl: (classId, personId) => `${broadcastUrl(classId, personId, 'replay')}/index.m3u8`,
    async forCheck(checkId) {
      return { url: deps.livekitPublicUrl, token: await deps.livekitTokens.mintForCheck(checkId) }
    },
    forViewer,
    async forPerson(state, you) {
      const { classId, people, settings } = state
      const { personId, name } = you
      const rights = toMediaRights(state, personId)
      if (!you.connect || !rights.mayConnect) return forViewer(state, you)
      const language = findRow(people, personId)?.language ?? DEFAULT_LANGUAGE
      const person = { personId, name }
      const token = await deps.livekitTokens.mint({ classId, person, rights, language, settings })
      return { livekit: { url: deps.livekitPublicUrl, token }, ...forViewer(state, you) }
    },
  }
}

import { toMediaRights } from '../classroom/media-rights'
import type { ClassState } from '../classroom/state'
import { findRow } from '../classroom/table'
import type { MediaRights, You } from '../classroom/you'
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
  /** At once, unless a token for LiveKit has to be made. */
  forPerson(state: ClassState, you: You): AccessAnswer | Promise<AccessAnswer>
  /** The playlist of the broadcast, live or as a replay. Who may have it is for the caller to know. */
  playlistUrl(classId: string, personId: string): string
  /** For a device that tries its connection to LiveKit, in an empty room of that name. */
  forCheck(checkId: string): Promise<{ url: string; token: string }>
}

export function createAccess(deps: AccessDeps): Access {
  const playlistUrl = (classId: string, personId: string) =>
    `${deps.originPublicUrl}/${deps.watchTokens.sign(classId, personId)}/${classId}/index.m3u8`

  async function forLivekit(
    { classId, people, settings }: ClassState,
    { personId, name }: You,
    rights: MediaRights,
  ) {
    const language = findRow(people, personId)?.language ?? DEFAULT_LANGUAGE
    const person = { personId, name }
    const token = await deps.livekitTokens.mint({ classId, person, rights, language, settings })
    return { url: deps.livekitPublicUrl, token }
  }

  return {
    playlistUrl,
    async forCheck(checkId) {
      return { url: deps.livekitPublicUrl, token: await deps.livekitTokens.mintForCheck(checkId) }
    },
    forPerson(state, you) {
      const answer: AccessAnswer = {}
      if (you.watch) answer.broadcast = { playlistUrl: playlistUrl(state.classId, you.personId) }
      if (!you.connect) return answer
      const rights = toMediaRights(state, you.personId)
      if (!rights.mayConnect) return answer
      return forLivekit(state, you, rights).then((livekit) => ({ livekit, ...answer }))
    },
  }
}

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
  /** The playlist of the broadcast, live or as a replay. Who may have it is for the caller to know. */
  playlistUrl(classId: string, personId: string): Promise<string>
  /** For a device that tries its connection to LiveKit, in an empty room of that name. */
  forCheck(checkId: string): Promise<{ url: string; token: string }>
}

export function createAccess(deps: AccessDeps): Access {
  const playlistUrl = async (classId: string, personId: string) =>
    `${deps.originPublicUrl}/${await deps.watchTokens.sign(classId, personId)}/${classId}/index.m3u8`
  return {
    playlistUrl,
    async forCheck(checkId) {
      return { url: deps.livekitPublicUrl, token: await deps.livekitTokens.mintForCheck(checkId) }
    },
    async forPerson(state, you) {
      const { classId } = state
      const rights = toMediaRights(state, you.personId)
      const answer: AccessAnswer = {}
      if (you.connect && rights.mayConnect) {
        const { personId, name } = you
        const token = await deps.livekitTokens.mint({
          classId,
          person: { personId, name },
          rights,
          language: findRow(state.people, personId)?.language ?? DEFAULT_LANGUAGE,
          settings: state.settings,
        })
        answer.livekit = { url: deps.livekitPublicUrl, token }
      }
      if (you.watch) answer.broadcast = { playlistUrl: await playlistUrl(classId, you.personId) }
      return answer
    },
  }
}

import { eraseState } from '../classroom/erase'
import type { Follower } from './follow'
import { type Head, sameHead } from './head'

/** The scribe is behind by less than a tenth of this. Nobody else's command is decided meanwhile. */
const ARCHIVE_PATIENCE_MS = 1_000
const LOOK_AGAIN_MS = 10
/** Another process may have begun an epoch at the same moment, hardly ever twice in a row. */
const TRIES = 3

/**
 * The one rewrite of a log: it goes on in a new epoch, from a state without the person, and what came before is no
 * more in Redis nor in any process. Only once the archive has all of it; to be called by the leader between two groups.
 */
export async function rewriteWithout(
  follower: Follower,
  personId: string,
  findPosition: (classId: string) => Promise<Head | null>,
): Promise<boolean> {
  const change = (state: Follower['state']) => eraseState(state, personId)
  const isDone = () => change(follower.state) === follower.state
  const deadline = performance.now() + ARCHIVE_PATIENCE_MS
  for (let tries = 0; tries < TRIES && !isDone() && !follower.closed; ) {
    const archived = await findPosition(follower.classId).catch(() => null)
    if (archived && sameHead(archived, follower.head)) {
      tries++
      if ((await follower.rewrite(change)) === 'unavailable') return false
    } else {
      if (performance.now() > deadline) return false
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    }
  }
  return isDone()
}

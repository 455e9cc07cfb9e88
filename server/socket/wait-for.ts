import type { ClassState } from '../classroom/state'
import type { FollowedClass, Head } from '../log/class-logs'

type Seen = Pick<FollowedClass, 'state' | 'head' | 'listen'>

/** True once `reached` is, within `timeoutMs`: another process may be a few ms ahead of this one. */
export function waitFor(
  followed: Seen,
  reached: (state: ClassState, head: Head) => boolean,
  timeoutMs: number,
): Promise<boolean> {
  const isReached = () => reached(followed.state, followed.head)
  if (isReached()) return Promise.resolve(true)
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(isReached()), timeoutMs)
    const stop = followed.listen((event) => {
      if (event.kind === 'closed') settle(false)
      else if (isReached()) settle(true)
    })
    function settle(result: boolean) {
      clearTimeout(timer)
      stop()
      resolve(result)
    }
  })
}

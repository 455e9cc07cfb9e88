import type { ClassLogs, FollowedClass } from '../log/class-logs'
import { parseCode } from './codes'
import type { Directory } from './directory'

/** How long a code that was asked for keeps its class at hand. */
const KEPT_MS = 5 * 60_000
/** Classes that are being entered at the same time through one process. */
const KEPT_LIMIT = 2000

type Kept = { followed: FollowedClass; until: number; letGo: () => void }

/** Classes by their codes. */
export type ClassCodes = {
  /** `typed` in any spelling. The class is followed, so what its state says is true at this moment. */
  find(typed: string): Promise<FollowedClass | null>
  close(): void
}

/**
 * A join page asked for by thousands costs one query in five minutes, and needs no word to be forgotten at: what
 * is kept is not an answer but the class itself, which changes as its facts arrive.
 */
export function createClassCodes(
  directory: Pick<Directory, 'findClassByCode'>,
  logs: Pick<ClassLogs, 'follow' | 'now'>,
): ClassCodes {
  const kept = new Map<string, Kept>()
  const asked = new Map<string, Promise<FollowedClass | null>>()

  const drop = (code: string) => {
    kept.get(code)?.letGo()
    kept.delete(code)
  }

  function keep(code: string, followed: FollowedClass) {
    const letGo = followed.listen((event) => {
      if (event.kind === 'closed') drop(code)
    })
    kept.set(code, { followed, until: logs.now() + KEPT_MS, letGo })
    const [oldest] = kept.keys()
    if (kept.size > KEPT_LIMIT && oldest !== undefined) drop(oldest)
  }

  async function look(code: string): Promise<FollowedClass | null> {
    const classId = await directory.findClassByCode(code)
    const followed = classId ? await logs.follow(classId) : null
    if (followed) keep(code, followed)
    return followed
  }

  return {
    async find(typed) {
      const code = parseCode(typed)
      if (!code) return null
      const known = kept.get(code)
      if (known && known.until > logs.now()) return known.followed
      drop(code)
      const pending = asked.get(code) ?? look(code).finally(() => asked.delete(code))
      asked.set(code, pending)
      return pending
    },
    close() {
      for (const code of [...kept.keys()]) drop(code)
    },
  }
}

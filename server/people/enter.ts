import { findRow } from '../classroom/table'
import { toYou } from '../classroom/to-you'
import type { ClassLogs, FollowedClass } from '../log/class-logs'
import type { JoinAnswer } from '../protocol/http'
import type { Access } from './access'
import { type Failure, fail } from './failures'
import { TOKEN_VERSION } from './revocations'
import { submit } from './submit'
import type { Tokens } from './tokens'

export type EnterDeps = {
  logs: ClassLogs
  access: Access
  tokens: Tokens
  newId: (prefix: string) => string
  /** Where pages and gateway are: `io(url, {path: '/gateway'})`. */
  publicUrl: string
}

/**
 * Lets a registered person into the class, or finds them in it: whoever asks again has the seat they had. Answers
 * with everything their device needs.
 */
export async function enter(
  { logs, access, tokens, newId, publicUrl }: EnterDeps,
  followed: FollowedClass,
  personId: string,
): Promise<({ ok: true } & JoinAnswer) | Failure> {
  const at = findRow(followed.state.people, personId)?.place.at
  if (at === undefined) return fail('unauthorized')
  const isIn = at !== 'outside' && at !== 'removed' && followed.state.phase !== 'ended'
  const joined = isIn
    ? { ok: true as const, state: followed.state }
    : await submit(logs, followed, {
        id: newId('cmd'),
        by: { kind: 'person', personId },
        command: { name: 'person:join' },
      })
  if (!joined.ok) return joined
  const { state } = joined
  const you = toYou(state, personId)
  // Between the join and this moment somebody may have removed them.
  if (!you?.tier) return fail('removed')
  const { tier, role, seat, waiting } = you
  const [token, opened] = await Promise.all([
    tokens.signGateway({ cls: state.classId, sub: personId, role, ver: TOKEN_VERSION }),
    access.forPerson(state, you),
  ])
  return {
    ok: true,
    tier,
    personId,
    role,
    gateway: { url: publicUrl, token },
    ...opened,
    ...(seat && { seat }),
    ...(waiting && { waiting }),
  }
}

import type { Role } from '../classroom/people'
import type { ClassLogs, FollowedClass } from '../log/class-logs'
import type { Directory } from './directory'
import type { Failure } from './failures'
import { chooseLanguage } from './languages'
import { submit } from './submit'

export type RegisterDeps = {
  logs: ClassLogs
  directory: Pick<Directory, 'claimExternalId'>
  newId: (prefix: string) => string
}

/** Makes somebody a person of the class: known to it, not yet in it. The same `externalId` is the same person. */
export async function register(
  { logs, directory, newId }: RegisterDeps,
  followed: FollowedClass,
  who: { name: string; role: Role; language?: string; externalId?: string },
): Promise<{ ok: true; personId: string } | Failure> {
  const { classId } = followed
  const fresh = newId('per')
  // Claimed first: of two simultaneous calls both then register the one who won, and the second changes nothing.
  const personId = who.externalId ? await directory.claimExternalId(classId, who.externalId, fresh) : fresh
  const language = chooseLanguage(followed.state.settings.languages, who.language)
  const registered = await submit(logs, followed, {
    id: newId('cmd'),
    by: { kind: 'system' },
    command: { name: 'person:register', personId, displayName: who.name, role: who.role, language },
  })
  return registered.ok ? { ok: true, personId } : registered
}

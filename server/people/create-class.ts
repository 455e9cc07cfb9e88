import { randomInt } from 'node:crypto'
import { type ClassSettings, defaultSettings } from '../classroom/settings'
import type { ClassLogs, FollowedClass } from '../log/class-logs'
import { newCode } from './codes'
import type { Directory } from './directory'
import { type Failure, fail } from './failures'
import { toFailure } from './submit'

/** Two codes meet once in 10^11 pairs; five in a row only if the random numbers are broken. */
const CODE_ATTEMPTS = 5

export type CreateClassDeps = {
  logs: ClassLogs
  directory: Pick<Directory, 'addClass'>
  newId: (prefix: string) => string
}

/** Makes a class in `draft` with a code of its own. What is not said is as `defaultSettings` has it. */
export async function createClass(
  deps: CreateClassDeps,
  wish: { orgId: string; title: string; settings: Partial<ClassSettings> },
): Promise<{ ok: true; followed: FollowedClass } | Failure> {
  const { logs, newId } = deps
  const { orgId, title } = wish
  const classId = newId('cls')
  const code = await claimCode(deps, { classId, orgId, title })
  const given = Object.entries(wish.settings).filter(([, value]) => value !== undefined)
  const settings: ClassSettings = { ...defaultSettings, ...Object.fromEntries(given) }
  const outcome = await logs.create(classId, {
    id: newId('cmd'),
    by: { kind: 'system' },
    command: { name: 'class:create', orgId, title, code, settings },
  })
  if (!outcome.ok) return toFailure(outcome)
  const followed = await logs.follow(classId)
  return followed ? { ok: true, followed } : fail('unavailable')
}

async function claimCode(
  { directory, logs }: CreateClassDeps,
  row: { classId: string; orgId: string; title: string },
): Promise<string> {
  for (let attempt = 0; attempt < CODE_ATTEMPTS; attempt++) {
    const code = newCode(randomInt)
    if (await directory.addClass({ ...row, code, now: logs.now() })) return code
  }
  throw new Error(`${CODE_ATTEMPTS} codes in a row were taken`)
}

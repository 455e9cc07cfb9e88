import pino from 'pino'
import type { Command, PersonCommand } from '../../server/classroom/commands'
import type { Role } from '../../server/classroom/people'
import { type ClassSettings, defaultSettings } from '../../server/classroom/settings'
import type { ClassState } from '../../server/classroom/state'
import { newId } from '../../server/ids'
import { type ClassLogs, createClassLogs } from '../../server/log/class-logs'
import type { FollowedClass } from '../../server/log/followed-class'
import { createMemoryArchive } from './memory-archive'

/** A class in a real log on a real Redis, led by this process. */
export type ClassRig = {
  classId: string
  logs: ClassLogs
  followed: FollowedClass
  /** Registers and brings in. */
  enter(personId: string, role: Role): Promise<void>
  as(personId: string, command: PersonCommand): Promise<void>
  bySystem(command: Command): Promise<void>
  /** Resolves with the first state, now or later, that is so. */
  until(isSo: (state: ClassState) => boolean): Promise<ClassState>
}

export const testLogger = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })

export function startLogs(redisUrl: string): Promise<ClassLogs> {
  return createClassLogs({ redisUrl, archive: createMemoryArchive(), logger: testLogger, newId })
}

/** A live class with its teacher `per_teacher` at the desk. */
export async function startClass(logs: ClassLogs, settings: Partial<ClassSettings>): Promise<ClassRig> {
  const classId = newId('cls')
  const all = { ...defaultSettings, ...settings }
  const created = await logs.create(classId, {
    id: newId('cmd'),
    by: { kind: 'system' },
    command: { name: 'class:create', orgId: 'org_1', title: 'A class', code: 'ABCDEF', settings: all },
  })
  if (!created.ok) throw new Error(`the class was not made: ${JSON.stringify(created)}`)
  const followed = await logs.follow(classId)
  if (!followed) throw new Error('the class is not there')

  async function submit(command: Command, personId?: string): Promise<void> {
    const by = personId ? ({ kind: 'person', personId } as const) : ({ kind: 'system' } as const)
    const outcome = await logs.submit(classId, { id: newId('cmd'), by, command })
    if (!outcome.ok) throw new Error(`${command.name}: ${JSON.stringify(outcome)}`)
  }

  const rig: ClassRig = {
    classId,
    logs,
    followed,
    async enter(personId, role) {
      const displayName = personId
      await submit({ name: 'person:register', personId, displayName, role, language: 'en' })
      await submit({ name: 'person:join' }, personId)
    },
    as: (personId, command) => submit(command, personId),
    bySystem: (command) => submit(command),
    until: (isSo) =>
      new Promise((resolve) => {
        if (isSo(followed.state)) return resolve(followed.state)
        const unlisten = followed.listen((event) => {
          if (event.kind !== 'batch') return
          const state = event.batch.states.find(isSo)
          if (!state) return
          unlisten()
          resolve(state)
        })
      }),
  }
  await rig.enter('per_teacher', 'teacher')
  await submit({ name: 'class:start' }, 'per_teacher')
  return rig
}

import { isStaff, type Person } from '../classroom/people'
import { refuse } from '../classroom/refusals'
import { enter } from '../people/enter'
import type { Failure } from '../people/failures'
import { createClassLinks } from '../people/links'
import { fromRefusal } from '../protocol/errors'
import { toReachable, toReachableAccess } from './base-url'
import type { Me } from './my-people'
import type { OperationDeps } from './operations/deps'
import type { ClassPage, EndedPage } from './pages'

const endedMeanwhile = refuse('class_ended')

/** Enters the class: who opens its page is in it. */
export async function openLivePage(
  deps: OperationDeps,
  baseUrl: string,
  { followed, person }: Me,
): Promise<ClassPage | Failure> {
  const entered = await enter(deps, followed, person.personId)
  if (!entered.ok) return entered
  const { ok: _ok, ...answer } = entered
  const { classId, code, title, phase, settings } = followed.state
  if (phase === 'ended') return { ok: false, error: fromRefusal(endedMeanwhile.refusal) }
  const { personId, name, role, language } = person
  return {
    classId,
    code,
    title,
    phase,
    languages: settings.languages,
    recorded: settings.recording === 'on',
    personId,
    name,
    role,
    language,
    access: toReachableAccess(answer, deps.publicUrl, baseUrl),
    ...(isStaff(person) && { links: await linksFor(deps, baseUrl, role, { classId, code }) }),
  }
}

/** Assistants do not hand out what is above them. */
async function linksFor(
  { tokens }: OperationDeps,
  baseUrl: string,
  role: Person['role'],
  of: { classId: string; code: string },
) {
  const { student, assistant, teacher } = await createClassLinks(tokens, baseUrl, of)
  return role === 'teacher' ? { student, assistant, teacher } : { student }
}

export async function openEndedPage(
  { access, publicUrl }: OperationDeps,
  baseUrl: string,
  { state, person }: Me,
): Promise<EndedPage> {
  const { classId, title, startedAt, endedAt, settings, broadcast } = state
  const { personId, name, role } = person
  const recorded = settings.recording === 'on' && broadcast.runs.length > 0
  const playlistUrl = recorded ? await access.playlistUrl(classId, personId) : undefined
  return {
    classId,
    title,
    phase: 'ended',
    personId,
    name,
    role,
    startedAt,
    endedAt,
    ...(playlistUrl && { replay: { playlistUrl: toReachable(playlistUrl, publicUrl, baseUrl) } }),
    ...(isStaff(person) && {
      attendanceUrl: `/api/v1/classes/${classId}/attendance?format=csv&as=${personId}`,
    }),
  }
}

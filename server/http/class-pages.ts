import { isRecorded } from '../../egress/recorded'
import { toTitle } from '../classroom/chapters'
import { isStaff, type Person } from '../classroom/people'
import { hasRecording } from '../classroom/recording'
import { refuse } from '../classroom/refusals'
import { enter } from '../people/enter'
import type { Failure } from '../people/failures'
import { createClassLinks } from '../people/links'
import { fromRefusal } from '../protocol/errors'
import { toReachable, toReachableAccess } from './base-url'
import type { Me } from './my-people'
import type { OperationDeps } from './operations/deps'
import type { ClassPage, EndedPage } from './pages'
import type { RecordingReport } from './recordings'

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

/** JavaScript's last date stands for "for ever". */
const LAST_DATE_MS = 8.64e15

export async function openEndedPage(
  { access, recordings, publicUrl }: OperationDeps,
  baseUrl: string,
  { followed, state, person }: Me,
): Promise<EndedPage> {
  const { classId, title, startedAt, endedAt, recording, chapters } = state
  const { personId, name, role } = person
  const replay = recordings.findReplay(state)
  const preparing = recordings.isPreparing(state)
  if (replay) await recordings.remind(followed)
  const report = isStaff(person) ? await recordings.report(state, personId) : undefined
  return {
    classId,
    title,
    phase: 'ended',
    personId,
    name,
    role,
    startedAt,
    endedAt,
    ...(replay && {
      replay: {
        playlistUrl: toReachable(access.replayUrl(classId, personId), publicUrl, baseUrl),
        chapters: chapters.flatMap((chapter) => {
          // What was said while nothing was recorded is told to nobody afterwards.
          if (!isRecorded(recording.spans, chapter.at, 0)) return []
          const found = { kind: chapter.kind, at: chapter.at, title: toTitle(state, chapter) }
          return found.title === '' ? [] : [found]
        }),
        ...(replay.keepUntil < LAST_DATE_MS && { keepUntil: replay.keepUntil }),
      },
    }),
    ...(preparing && { preparing }),
    ...((recording.deletedAt !== undefined || (hasRecording(state) && !replay && !preparing)) && {
      deleted: true,
    }),
    ...(report && { recording: toReachableReport(report, publicUrl, baseUrl) }),
    ...(role === 'teacher' && replay && { mayDelete: true }),
    ...(isStaff(person) && {
      attendanceUrl: `/api/v1/classes/${classId}/attendance?format=csv&as=${personId}`,
    }),
  }
}

function toReachableReport(report: RecordingReport, publicUrl: string, baseUrl: string): RecordingReport {
  if (report.state !== 'ready') return report
  return { ...report, downloadUrl: toReachable(report.downloadUrl, publicUrl, baseUrl) }
}

import { submit } from '../../people/submit'
import { recordingReport } from '../answers'
import { inClass, type Operation } from '../operation'
import { toActor } from './classes'
import type { OperationDeps } from './deps'

/** What the link to the file says of a school, which is no person. */
const SCHOOL = 'school'

export function recordingOperations({ logs, recordings, newId }: OperationDeps): Operation[] {
  return [
    inClass({
      method: 'get',
      path: '/classes/:id/recording',
      name: 'getRecording',
      summary: 'What has become of the recording; `downloadUrl` is good for some hours',
      by: ['key', 'staff'],
      answer: { status: 200, schema: recordingReport },
      problems: ['unknown_class'],
      async handle({ followed, caller }) {
        const personId = caller.kind === 'person' ? caller.person.personId : SCHOOL
        if (followed.state.phase === 'ended') await recordings.remind(followed)
        return { ok: true, status: 200, body: await recordings.report(followed.state, personId) }
      },
    }),
    inClass({
      method: 'delete',
      path: '/classes/:id/recording',
      name: 'deleteRecording',
      summary: 'Delete the recording of an ended class, for everybody and for ever; again changes nothing',
      by: ['key', 'teacher'],
      answer: { status: 204 },
      problems: ['unknown_class', 'class_not_ended'],
      async handle({ followed, caller }) {
        const command = { name: 'recording:delete' } as const
        const done = await submit(logs, followed, { id: newId('cmd'), by: toActor(caller), command })
        return done.ok ? { ok: true, status: 204 } : done
      },
    }),
  ]
}

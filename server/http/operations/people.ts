import { refuse } from '../../classroom/refusals'
import { findRow } from '../../classroom/table'
import { enter } from '../../people/enter'
import { fail } from '../../people/failures'
import { createPersonLink } from '../../people/links'
import { register } from '../../people/register'
import { TOKEN_VERSION } from '../../people/revocations'
import { submit, toFailure } from '../../people/submit'
import { createPersonBody } from '../../protocol/http'
import { joinAnswer, personCreated } from '../answers'
import { toReachableAccess } from '../base-url'
import { inClass, type Operation } from '../operation'
import type { OperationDeps } from './deps'

const unknownPerson = { kind: 'refusal', ...refuse('unknown_person') } as const

export function peopleOperations(deps: OperationDeps): Operation[] {
  const { logs, tokens, newId, publicUrl } = deps
  return [
    inClass({
      method: 'post',
      path: '/classes/:id/people',
      name: 'createPerson',
      summary: 'Make somebody a person of the class; the same externalId is the same person',
      by: ['key'],
      body: createPersonBody,
      answer: { status: 201, schema: personCreated },
      problems: ['bad_payload', 'unknown_class', 'class_ended', 'class_locked', 'class_full'],
      async handle({ followed, body, baseUrl }) {
        const registered = await register(deps, followed, body)
        if (!registered.ok) return registered
        const { personId } = registered
        const { classId, code, people } = followed.state
        const role = findRow(people, personId)?.role ?? body.role
        const token = await tokens.signPerson({ cls: classId, sub: personId, role, ver: TOKEN_VERSION })
        const joinUrl = await createPersonLink(tokens, baseUrl, { classId, code, personId, role })
        return { ok: true, status: 201, body: { personId, token, joinUrl } }
      },
    }),
    inClass({
      method: 'delete',
      path: '/classes/:id/people/:personId',
      name: 'erasePerson',
      summary:
        'Take their name and their words out of the class and its history, for good; again changes nothing',
      by: ['key'],
      answer: { status: 204 },
      problems: ['unknown_class', 'unknown_person', 'busy'],
      async handle({ followed, params: { personId = '' } }) {
        if (!findRow(followed.state.people, personId)) return toFailure(unknownPerson)
        const erased = await logs.erase(followed.classId, personId)
        return erased.ok ? { ok: true, status: 204 } : toFailure(erased)
      },
    }),
    inClass({
      method: 'post',
      path: '/classes/:id/join',
      name: 'joinClass',
      summary: 'Enter, or get fresh tokens: asking again gives the same seat',
      by: ['person'],
      answer: { status: 200, schema: joinAnswer },
      problems: ['class_ended', 'class_locked', 'removed'],
      async handle({ followed, caller, baseUrl }) {
        if (caller.kind !== 'person') return fail('forbidden')
        const entered = await enter(deps, followed, caller.person.personId)
        if (!entered.ok) return entered
        const { ok: _ok, ...answer } = entered
        return { ok: true, status: 200, body: toReachableAccess(answer, publicUrl, baseUrl) }
      },
    }),
    inClass({
      method: 'post',
      path: '/classes/:id/leave',
      name: 'leaveClass',
      summary: 'Leave; again changes nothing',
      by: ['person'],
      answer: { status: 204 },
      problems: [],
      async handle({ followed, caller }) {
        if (caller.kind !== 'person') return fail('forbidden')
        const { personId } = caller.person
        const left = await submit(logs, followed, {
          id: newId('cmd'),
          by: { kind: 'person', personId },
          command: { name: 'person:leave' },
        })
        return left.ok ? { ok: true, status: 204 } : left
      },
    }),
  ]
}

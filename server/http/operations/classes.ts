import type { Envelope } from '../../classroom/commands'
import { toCounts } from '../../classroom/counts'
import { createClass } from '../../people/create-class'
import { createClassLinks } from '../../people/links'
import { submit } from '../../people/submit'
import { type ClassSummary, createClassBody } from '../../protocol/http'
import { classCreated, classPhase, classSummary } from '../answers'
import { type ClassCaller, forSchool, inClass, type Operation } from '../operation'
import { DEFAULT_ORG, type OperationDeps } from './deps'

export function classOperations(deps: OperationDeps): Operation[] {
  const { logs, tokens, newId, latency } = deps
  return [
    forSchool({
      method: 'post',
      path: '/classes',
      name: 'createClass',
      summary: 'Make a class, in draft',
      body: createClassBody,
      answer: { status: 201, schema: classCreated },
      problems: ['bad_payload'],
      async handle({ body: { title, ...settings }, orgId, baseUrl }) {
        const created = await createClass(deps, { orgId: orgId ?? DEFAULT_ORG, title, settings })
        if (!created.ok) return created
        const { classId, code, phase } = created.followed.state
        const links = await createClassLinks(tokens, baseUrl, { classId, code })
        return { ok: true, status: 201, body: { id: classId, code, title, phase, links } }
      },
    }),
    inClass({
      method: 'get',
      path: '/classes/:id',
      name: 'getClass',
      summary: 'The class now, in numbers',
      by: ['key', 'staff'],
      answer: { status: 200, schema: classSummary },
      problems: ['unknown_class'],
      async handle({ followed: { state } }) {
        const { classId, code, title, phase, broadcast } = state
        const latencyMs = await latency.find(state)
        const body: ClassSummary = {
          id: classId,
          code,
          title,
          phase,
          counts: toCounts(state),
          broadcast: {
            state: broadcast.state,
            ...(broadcast.state !== 'off' && { startedAt: broadcast.since }),
            ...(latencyMs !== undefined && { latencyMs }),
          },
        }
        return { ok: true, status: 200, body }
      },
    }),
    ...(['start', 'end'] as const).map((verb) =>
      inClass({
        method: 'post',
        path: `/classes/:id/${verb}`,
        name: `${verb}Class`,
        summary:
          verb === 'start' ? 'Go live; again changes nothing' : 'End for everyone; again changes nothing',
        by: ['key', 'teacher'],
        answer: { status: 200, schema: classPhase },
        problems: ['unknown_class', ...(verb === 'start' ? (['class_ended'] as const) : [])],
        async handle({ followed, caller }) {
          const command = { name: `class:${verb}` } as const
          const done = await submit(logs, followed, { id: newId('cmd'), by: toActor(caller), command })
          if (!done.ok) return done
          return { ok: true, status: 200, body: { id: followed.classId, phase: done.state.phase } }
        },
      }),
    ),
  ]
}

export function toActor(caller: ClassCaller): Envelope['by'] {
  return caller.kind === 'key' ? { kind: 'api' } : { kind: 'person', personId: caller.person.personId }
}

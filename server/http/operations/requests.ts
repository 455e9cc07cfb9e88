import type { PersonCommand } from '../../classroom/commands'
import type { ClassState, Request } from '../../classroom/state'
import { findRow, rowsOf } from '../../classroom/table'
import { fail } from '../../people/failures'
import { submit } from '../../people/submit'
import { type CreateRequestBody, createRequestBody, pageQuery } from '../../protocol/http'
import { requestCreated, requestPage } from '../answers'
import { toCsv } from '../csv'
import { inClass, type Operation } from '../operation'
import { pageOf } from '../pages-of-rows'
import type { OperationDeps } from './deps'

export function requestOperations({ logs, newId }: OperationDeps): Operation[] {
  return [
    inClass({
      method: 'post',
      path: '/classes/:id/requests',
      name: 'createRequest',
      summary: 'Raise a hand (voice) or ask a question (text): together at most one a minute',
      by: ['student'],
      body: createRequestBody,
      answer: { status: 201, schema: requestCreated },
      problems: [
        'bad_payload',
        'rate_limited',
        'already_raised',
        'quiet',
        'class_not_live',
        'class_ended',
        'not_in_class',
      ],
      async handle({ followed, caller, body }) {
        if (caller.kind !== 'person') return fail('forbidden')
        const { personId } = caller.person
        const id = body.id ?? newId('cmd')
        const made = await submit(logs, followed, {
          id,
          by: { kind: 'person', personId },
          command: toCommand(body),
        })
        if (!made.ok) return made
        const fact = made.facts.find((f) => f.type === 'request.made')
        const requestId = fact?.requestId ?? findNewest(made.state, personId, body.kind)?.requestId
        return requestId ? { ok: true, status: 201, body: { requestId } } : fail('internal')
      },
    }),
    inClass({
      method: 'get',
      path: '/classes/:id/requests',
      name: 'listRequests',
      summary: 'Hands and questions in the order they were made, whatever became of them',
      by: ['key', 'staff'],
      query: pageQuery,
      answer: { status: 200, schema: requestPage, csv: true },
      problems: ['unknown_class'],
      async handle({ followed: { state }, query, wantsCsv }) {
        const rows = toRows(state)
        if (wantsCsv) {
          const csv = toCsv(
            columns,
            rows.map((row) => columns.map((column) => row[column])),
          )
          return { ok: true, status: 200, csv, fileName: `requests-${state.code}.csv` }
        }
        return { ok: true, status: 200, body: pageOf(rows, ({ requestId }) => requestId, query) }
      },
    }),
  ]
}

function toCommand({ kind, text, anonymous, language, sawAt }: CreateRequestBody): PersonCommand {
  if (kind === 'voice') return { name: 'hand:raise', text, language, sawAt }
  return { name: 'question:ask', text: text ?? '', anonymous, language, sawAt }
}

/** The resend of an accepted request has no facts: it is the newest of that person and kind. */
function findNewest(state: ClassState, personId: string, kind: Request['kind']): Request | undefined {
  return madeInOrder(state)
    .filter((request) => request.personId === personId && request.kind === kind)
    .at(-1)
}

function madeInOrder(state: ClassState): Request[] {
  return [...rowsOf(state.requests)].sort(
    (a, b) => a.madeAt - b.madeAt || (a.requestId < b.requestId ? -1 : 1),
  )
}

const columns = [
  'requestId',
  'kind',
  'status',
  'personId',
  'name',
  'text',
  'language',
  'anonymous',
  'published',
  'votes',
  'madeAt',
] as const

function toRows(state: ClassState) {
  return madeInOrder(state).map((request) => {
    const { requestId, kind, status, personId, text, language, anonymous, published, madeAt } = request
    const name = findRow(state.people, personId)?.name ?? ''
    const votes = request.voteCount
    return { requestId, kind, status, personId, name, text, language, anonymous, published, votes, madeAt }
  })
}

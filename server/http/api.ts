import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from 'express'
import { isStaff } from '../classroom/people'
import { findRow } from '../classroom/table'
import type { ClassLogs, FollowedClass, Logger } from '../log/class-logs'
import { type Failure, fail } from '../people/failures'
import { classIdParam } from '../protocol/http'
import { toBaseUrl } from './base-url'
import type { Callers } from './callers'
import { refuseForeignPages } from './foreign-pages'
import { toOpenApi } from './openapi'
import type { Caller, Caught, ClassCaller, Door, Operation, Reply } from './operation'
import { toDetail } from './payload'
import { sendProblem } from './problems'

/** The largest body is a class with all its settings, or a question in a script of three bytes a character. */
const BODY_LIMIT = '64kb'

export type ApiDeps = {
  operations: readonly Operation[]
  callers: Callers
  logs: Pick<ClassLogs, 'find'>
  logger: Logger
  publicUrl: string
}

/** `/api/v1`: every call, the same way in and out for each. Mount before other parsers of bodies. */
export function createApi(deps: ApiDeps): Router {
  const api = Router({ caseSensitive: true })
  const document = JSON.stringify(toOpenApi(deps.operations))
  api.get('/openapi.json', (_request, response) => {
    response.type('application/json').send(document)
  })
  api.use(refuseForeignPages(deps.publicUrl))
  api.use(express.json({ limit: BODY_LIMIT }))
  for (const operation of deps.operations) {
    api[operation.method](operation.path, answer(operation, deps))
  }
  api.use((_request, response) => sendProblem(response, fail('not_found').error))
  api.use(catchFaults(deps.logger))
  return api
}

function answer(operation: Operation, deps: ApiDeps): RequestHandler {
  return async (request, response, next) => {
    try {
      const reply = await carryOut(operation, deps, request)
      response.set('Cache-Control', 'no-store')
      if (!reply.ok) sendProblem(response, reply.error)
      else if ('csv' in reply) response.type('text/csv').attachment(reply.fileName).send(reply.csv)
      else if ('body' in reply) response.status(reply.status).json(reply.body)
      else response.status(reply.status).end()
    } catch (fault) {
      next(fault)
    }
  }
}

/** Who, then where, then what: nobody learns from the answer to a payload what they may not know. */
async function carryOut(operation: Operation, deps: ApiDeps, request: Request): Promise<Reply> {
  const caught = catchRequest(request, deps.publicUrl)
  if (operation.by === 'anyone') {
    const input = parseInput(operation, request)
    return input.ok ? operation.handle({ ...caught, ...input }) : input
  }
  const found = await deps.callers.find(request)
  if (!found.ok) return found
  const { caller } = found
  if (operation.by === 'school') {
    if (caller.kind !== 'key') return fail('forbidden')
    const input = parseInput(operation, request)
    return input.ok ? operation.handle({ ...caught, ...input, orgId: caller.orgId }) : input
  }
  const opened = await openClass(deps, caller, request.params.id ?? '')
  if (!opened.ok) return opened
  if (!mayEnter(opened.caller, operation.by)) return fail('forbidden')
  const input = parseInput(operation, request)
  if (!input.ok) return input
  return operation.handle({ ...caught, ...input, followed: opened.followed, caller: opened.caller })
}

async function openClass(
  { logs }: ApiDeps,
  caller: Caller,
  classId: string,
): Promise<{ ok: true; followed: FollowedClass; caller: ClassCaller } | Failure> {
  if (!classIdParam.safeParse(classId).success) return fail('unknown_class')
  if (caller.kind === 'person' && caller.classId !== classId) return fail('forbidden')
  const followed = await logs.find(classId)
  if (typeof followed === 'string') return fail(followed)
  const { orgId, people } = followed.state
  if (caller.kind === 'key') {
    // A class of another school is as unknown as one that does not exist.
    if (caller.orgId !== null && caller.orgId !== orgId) return fail('unknown_class')
    return { ok: true, followed, caller: { kind: 'key' } }
  }
  const person = findRow(people, caller.personId)
  if (!person) return fail('unauthorized')
  if (person.place.at === 'removed') return fail('removed')
  return { ok: true, followed, caller: { kind: 'person', person } }
}

/** The role in the class decides, not the one in the token. */
function mayEnter(caller: ClassCaller, doors: readonly Door[]): boolean {
  if (caller.kind === 'key') return doors.includes('key')
  const { role } = caller.person
  if (doors.includes('person')) return true
  if (isStaff(caller.person) && doors.includes('staff')) return true
  return (role === 'teacher' || role === 'student') && doors.includes(role)
}

function catchRequest(request: Request, publicUrl: string): Caught {
  const { id: _id, ...params } = request.params
  return {
    params,
    baseUrl: toBaseUrl(publicUrl, request.get('host')),
    address: request.ip ?? '',
    wantsCsv: request.query.format === 'csv' || request.accepts(['json', 'csv']) === 'csv',
  }
}

type Input = { ok: true; body: unknown; query: unknown }

function parseInput(operation: Operation, request: Request): Input | Failure {
  const body = operation.body?.safeParse(request.body ?? {})
  if (body && !body.success) return fail('bad_payload', { detail: toDetail(body.error) })
  const query = operation.query?.safeParse(request.query)
  if (query && !query.success) return fail('bad_payload', { detail: toDetail(query.error) })
  return { ok: true, body: body?.data, query: query?.data }
}

function catchFaults(logger: Logger): ErrorRequestHandler {
  return (fault, request, response, next) => {
    if (response.headersSent) return next(fault)
    const status = fault instanceof Error && 'status' in fault ? Number(fault.status) : 500
    if (status === 413) return sendProblem(response, fail('too_large').error)
    if (fault instanceof SyntaxError) {
      return sendProblem(response, fail('bad_payload', { detail: 'The body is not JSON.' }).error)
    }
    if (status >= 400 && status < 500) return sendProblem(response, fail('bad_payload').error)
    logger.error({ err: fault, path: request.path }, 'a call failed')
    sendProblem(response, fail('internal').error)
  }
}

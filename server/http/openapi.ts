import { z } from 'zod'
import { problem } from './answers'
import type { Operation } from './operation'
import { statusOf } from './problems'

const PROBLEM_REF = { $ref: '#/components/schemas/Problem' }

/** The API as an OpenAPI 3.1 document, made from the same table as its routes. */
export function toOpenApi(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const path = `/api/v1${operation.path.replace(/:(\w+)/g, '{$1}')}`
    paths[path] = { ...paths[path], [operation.method]: toEntry(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Amphi',
      version: '1',
      description:
        'Live classes that are never full. Errors are RFC 9457 problem details with a stable `code`.',
    },
    paths,
    components: {
      schemas: { Problem: toSchema(problem, 'output') },
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key of a school, or the token of a person.',
        },
      },
    },
  }
}

function toEntry(operation: Operation): object {
  const { name, summary, by, body, path } = operation
  return {
    operationId: name,
    summary,
    ...(by !== 'anyone' && { security: [{ bearer: [] }], 'x-by': by === 'school' ? ['key'] : by }),
    parameters: [...toPathParameters(path), ...toQueryParameters(operation)],
    ...(body && {
      requestBody: { required: true, content: { 'application/json': { schema: toSchema(body, 'input') } } },
    }),
    responses: { ...toAnswer(operation), ...toProblems(operation) },
  }
}

function toAnswer({ answer }: Operation): Record<string, object> {
  if (answer.status === 204) return { 204: { description: 'Done' } }
  const content = {
    'application/json': { schema: toSchema(answer.schema, 'output') },
    ...(answer.csv && { 'text/csv': { schema: { type: 'string' } } }),
  }
  return { [answer.status]: { description: 'Done', content } }
}

/** Codes by status; what every call of its kind may say is added here. */
function toProblems({ by, problems }: Operation): Record<string, object> {
  const codes = new Set<string>([...problems, 'internal', 'unavailable'])
  if (by !== 'anyone') for (const code of ['unauthorized', 'token_expired', 'forbidden']) codes.add(code)
  const byStatus = new Map<number, string[]>()
  for (const code of codes) byStatus.set(statusOf(code), [...(byStatus.get(statusOf(code)) ?? []), code])
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: names.join(', '),
        content: { 'application/problem+json': { schema: PROBLEM_REF } },
      },
    ]),
  )
}

function toPathParameters(path: string): object[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function toQueryParameters({ query, answer }: Operation): object[] {
  const format =
    'csv' in answer && answer.csv ? [{ name: 'format', in: 'query', schema: { enum: ['csv'] } }] : []
  if (!query) return format
  const { properties = {} } = toSchema(query, 'input')
  return [...Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema })), ...format]
}

/** `unrepresentable: any`: a transform (a language tag made canonical) takes what its check before it takes. */
function toSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

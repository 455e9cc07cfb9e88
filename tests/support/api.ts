import { ADMIN_KEY } from './server'

type Reached = { url: string }

export type Answer = { status: number; body: Record<string, unknown>; headers: Headers; text: string }
export type CallOptions = { token?: string; body?: unknown; headers?: Record<string, string> }

/** Calls the API as a program of a school would. */
export async function call(
  { url }: Reached,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  { token, body, headers }: CallOptions = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = /json/.test(response.headers.get('content-type') ?? '')
  return { status: response.status, body: isJson ? JSON.parse(text) : {}, headers: response.headers, text }
}

export type TestClass = {
  id: string
  code: string
  links: Record<'teacher' | 'assistant' | 'student', string>
}

export async function createTestClass(server: Reached, settings: object = {}): Promise<TestClass> {
  const { body } = await call(server, 'POST', '/classes', {
    token: ADMIN_KEY,
    body: { title: 'Algebra', ...settings },
  })
  return body as TestClass
}

export type TestPerson = { personId: string; token: string; joinUrl: string }

export async function createTestPerson(
  server: Reached,
  { id }: TestClass,
  person: { name: string; role: string; language?: string; externalId?: string },
): Promise<TestPerson> {
  const { body } = await call(server, 'POST', `/classes/${id}/people`, { token: ADMIN_KEY, body: person })
  return body as TestPerson
}

export const startClass = (server: Reached, { id }: TestClass) =>
  call(server, 'POST', `/classes/${id}/start`, { token: ADMIN_KEY })

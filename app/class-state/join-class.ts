import type { JoinAnswer } from '../../server/protocol/http'

export type JoinOutcome =
  | { ok: true; answer: JoinAnswer }
  | { ok: false; retryable: boolean; code: string; message: string; retryAfterMs?: number }

/** These say that the same question will get the same answer. Everything else may pass. */
const FINAL_STATUS = [400, 401, 403, 404, 409, 410, 422]

/** Fresh tokens for everything; asking again gives the same seat. */
export async function joinClass(classId: string, personId: string): Promise<JoinOutcome> {
  try {
    const response = await fetch(`/api/v1/classes/${classId}/join`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-amphi-person': personId },
      body: '{}',
    })
    const body: unknown = await response.json().catch(() => null)
    if (response.ok) return { ok: true, answer: body as JoinAnswer }
    return toProblem(response, body)
  } catch {
    return { ok: false, retryable: true, code: 'unreachable', message: '' }
  }
}

function toProblem(response: Response, body: unknown): JoinOutcome {
  const problem = (body ?? {}) as { code?: string; detail?: string; title?: string }
  const retryAfterSeconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return {
    ok: false,
    retryable: !FINAL_STATUS.includes(response.status),
    code: problem.code ?? `http_${response.status}`,
    message: problem.detail ?? problem.title ?? '',
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterMs: retryAfterSeconds * 1_000 }),
  }
}

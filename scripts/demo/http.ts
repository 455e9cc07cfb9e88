import { Agent as PlainAgent, request as requestPlain } from 'node:http'
import { request as requestSecure, Agent as SecureAgent } from 'node:https'
import { z } from 'zod'
import type { Config } from '../../server/config'
import { toLoopbackUrl } from '../stack/loopback'

/** Longer than the origin holds a blocked reload (12 s). */
const TIMEOUT_MS = 20_000

const problem = z.object({
  code: z.string(),
  detail: z.string().optional(),
  retryAfterMs: z.number().optional(),
})

/** The server said no. `isFinal`: asking again gives the same. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem'
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfterMs?: number,
  ) {
    super(detail)
  }
  get isFinal(): boolean {
    return this.status < 500 && this.status !== 429
  }
}

export type Http = {
  /** Where the server and what is below PUBLIC_URL is reached from this machine. */
  toReachable(url: string): string
  /** A call of the API; the school's key is the token where there is no other. Throws HttpProblem. */
  call(method: 'GET' | 'POST', path: string, options?: { token?: string; body?: unknown }): Promise<unknown>
  /** `drop`: the bytes are received and forgotten. Throws HttpProblem, and what `signal` brings. */
  fetch(url: string, signal: AbortSignal, drop?: 'drop'): Promise<string>
}

/** Connections are kept, as browsers do: a crowd that reloads would use up the ports of the machine. */
export function createHttp(config: Config): Http {
  const loopbackUrl = toLoopbackUrl(config)
  const keep = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }
  const agents = { plain: new PlainAgent(keep), secure: new SecureAgent(keep) }
  const host = new URL(config.publicUrl).host

  function send(
    url: string,
    options: { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal },
    drop = false,
  ): Promise<{ status: number; text: string }> {
    const isSecure = url.startsWith('https:')
    const request = isSecure ? requestSecure : requestPlain
    const { body, ...rest } = options
    return new Promise((resolve, reject) => {
      const asked = request(
        url,
        {
          ...rest,
          agent: isSecure ? agents.secure : agents.plain,
          timeout: TIMEOUT_MS,
          // this machine talks to itself; the certificate is for its public name
          rejectUnauthorized: !url.startsWith(loopbackUrl),
        },
        (response) => {
          const chunks: Buffer[] = []
          const status = response.statusCode ?? 0
          const isKept = !drop || status !== 200
          response.on('data', (chunk) => isKept && chunks.push(chunk))
          response.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString() }))
          response.on('error', reject)
        },
      )
      asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
      asked.on('error', reject)
      asked.end(body)
    })
  }

  const toReachable = (url: string) =>
    url.startsWith(`${config.publicUrl}/`) ? loopbackUrl + url.slice(config.publicUrl.length) : url

  return {
    toReachable,
    async call(method, path, { token, body } = {}) {
      const answer = await send(`${loopbackUrl}/api/v1${path}`, {
        method,
        headers: {
          // links and addresses in answers are made from it
          host,
          authorization: `Bearer ${token ?? config.adminApiKey}`,
          'content-type': 'application/json',
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      return JSON.parse(requireGood(answer) || 'null')
    },
    async fetch(url, signal, drop) {
      return requireGood(await send(toReachable(url), { signal }, drop === 'drop'))
    },
  }
}

function requireGood({ status, text }: { status: number; text: string }): string {
  if (status >= 200 && status <= 299) return text
  const said = problem.safeParse(parseJson(text))
  const { code, detail, retryAfterMs } = said.success ? said.data : { code: `http_${status}` }
  throw new HttpProblem(status, code, detail ?? `was answered ${status}`, retryAfterMs)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

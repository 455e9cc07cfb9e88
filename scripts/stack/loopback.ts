import { request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { Config } from '../../server/config'

/** A part that does not answer in this time is not well. */
const TIMEOUT_MS = 10_000

export type Question = {
  method?: string
  headers?: Record<string, string>
  body?: string
  timeoutMs?: number
}
export type Answer = { status: number; text: string }

/** Where the server of this configuration is reached from this machine. */
export const toLoopbackUrl = (config: Config): string =>
  `${config.tls ? 'https' : 'http'}://127.0.0.1:${config.port}`

/** Asks a process on this machine. Its certificate is for its public name, so it is not looked at. */
export function askLoopback(url: string, question: Question = {}): Promise<Answer> {
  const request = url.startsWith('https:') ? requestSecure : requestPlain
  const { method = 'GET', headers, body, timeoutMs = TIMEOUT_MS } = question
  return new Promise((resolve, reject) => {
    const options = { method, headers, rejectUnauthorized: false, timeout: timeoutMs, agent: false }
    const asked = request(url, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.on('error', reject)
    })
    asked.on('timeout', () => asked.destroy(new Error(`${url} did not answer within ${timeoutMs} ms`)))
    asked.on('error', reject)
    asked.end(body)
  })
}

/** A call of the API with the school's key. */
export function callApi(config: Config, method: string, path: string, body?: unknown): Promise<Answer> {
  return askLoopback(`${toLoopbackUrl(config)}${path}`, {
    method,
    headers: { authorization: `Bearer ${config.adminApiKey}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
}

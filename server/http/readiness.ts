import type { RequestHandler } from 'express'

export type Dependency = 'redis' | 'database' | 'livekit' | 'origin'
/** Each resolves when the dependency does its work, and throws when it does not. */
export type Checks = Record<Dependency, () => Promise<unknown>>

/** A dependency that has not answered by then is of no use to a person who waits. */
const CHECK_TIMEOUT_MS = 2000
/** However often a load balancer asks, each dependency is asked once a second. */
const REMEMBERED_MS = 1000

type Readiness = { ready: boolean; dependencies: Record<string, { up: boolean; reason?: string }> }

/** `GET /readyz`: 200, or 503 with what is down. While `isDraining`, no new work should come here. */
export function createReadyz(checks: Checks, isDraining: () => boolean): RequestHandler {
  let newest: { at: number; readiness: Promise<Readiness> } | undefined
  return async (_request, response) => {
    if (!newest || performance.now() - newest.at > REMEMBERED_MS) {
      newest = { at: performance.now(), readiness: look(checks) }
    }
    const readiness = await newest.readiness
    const ready = readiness.ready && !isDraining()
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ...readiness, ready, ...(isDraining() && { draining: true }) })
  }
}

async function look(checks: Checks): Promise<Readiness> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await checkOne(check)] as const),
  )
  return { ready: results.every(([, { up }]) => up), dependencies: Object.fromEntries(results) }
}

async function checkOne(check: () => Promise<unknown>): Promise<{ up: boolean; reason?: string }> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), CHECK_TIMEOUT_MS)
  })
  try {
    await Promise.race([check(), late])
    return { up: true }
  } catch (error) {
    // The code says enough; messages may hold addresses and passwords.
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    return {
      up: false,
      reason: code ?? (error instanceof Error && error.message === 'timeout' ? 'timeout' : 'failed'),
    }
  } finally {
    clearTimeout(timer)
  }
}

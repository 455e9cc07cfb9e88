import { join } from 'node:path'
import type { Part, Plan } from './part'
import { ROOT } from './paths'
import { answersHttp } from './readiness'

/** A TypeScript process of ours. In development it starts anew when one of its files changes. */
function createNodePart(name: string, entry: string, readyUrl: string, { env, dev }: Plan): Part {
  const run = dev
    ? [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), 'watch', '--clear-screen=false']
    : ['--import', 'tsx']
  return {
    name,
    command: process.execPath,
    args: [...run, join(ROOT, entry)],
    env,
    isReady: () => answersHttp(readyUrl),
  }
}

export function createServer(plan: Plan): Part {
  const scheme = plan.config.tls ? 'https' : 'http'
  return createNodePart('server', 'server/index.ts', `${scheme}://127.0.0.1:${plan.ports.PORT}/readyz`, plan)
}

export function createOrigin(plan: Plan): Part {
  return createNodePart(
    'origin',
    'egress/origin/index.ts',
    `http://127.0.0.1:${plan.ports.ORIGIN_PORT}/readyz`,
    plan,
  )
}

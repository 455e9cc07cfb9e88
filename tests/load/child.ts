import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { QuestionName, Questions, Ready } from './questions'

export type ServerProcess = {
  pid: number
  port: number
  ask<N extends QuestionName>(name: N, ask: Questions[N]['ask']): Promise<Questions[N]['answer']>
  /** Does the work; a profile of the server meanwhile, where BENCH_PROFILE names a directory. */
  profiled<T>(name: string, work: () => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** Where CPU profiles of the servers under test go; absent: they are not profiled. */
const PROFILE_DIR = process.env.BENCH_PROFILE

/** Starts a server of this folder as a process of its own, so that its CPU and memory are its own too. */
export async function startServerProcess(
  file: string,
  env: Record<string, string | undefined> = {},
): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { port } = (await nextMessage(child)) as Ready
  async function ask<N extends QuestionName>(name: N, fields: Questions[N]['ask']) {
    child.send({ name, ask: fields })
    return ((await nextMessage(child)) as { answer: Questions[N]['answer'] }).answer
  }
  return {
    pid: child.pid ?? 0,
    port,
    ask,
    async profiled(name, work) {
      if (!PROFILE_DIR) return work()
      await ask('profile', {})
      const result = await work()
      await ask('profile', { file: join(PROFILE_DIR, `${name}.cpuprofile`) })
      return result
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  try {
    return await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([message]) => message),
      once(child, 'exit', { signal: ended.signal }).then(([code]) => {
        throw new Error(`a server under test ended with ${code}`)
      }),
    ])
  } finally {
    ended.abort()
  }
}

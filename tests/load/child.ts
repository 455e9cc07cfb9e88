import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { QuestionName, Questions, Ready } from './questions'

export type ServerProcess = {
  pid: number
  port: number
  ask<N extends QuestionName>(name: N, ask: Questions[N]['ask']): Promise<Questions[N]['answer']>
  stop(): Promise<void>
}

/** Where `--cpu-prof` of a server under test writes its profile; absent: it is not profiled. */
const PROFILE_DIR = process.env.BENCH_PROFILE

/** Starts a server of this folder as a process of its own, so that its CPU and memory are its own too. */
export async function startServerProcess(
  file: string,
  env: Record<string, string | undefined> = {},
): Promise<ServerProcess> {
  const profile = PROFILE_DIR ? ['--cpu-prof', `--cpu-prof-dir=${PROFILE_DIR}`] : []
  const child = fork(join(import.meta.dirname, file), {
    execArgv: ['--import', 'tsx', '--expose-gc', ...profile],
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { port } = (await nextMessage(child)) as Ready
  return {
    pid: child.pid ?? 0,
    port,
    async ask(name, ask) {
      child.send({ name, ask })
      const { answer } = (await nextMessage(child)) as { answer: Questions[typeof name]['answer'] }
      return answer
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

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Envelope } from '../../server/classroom/commands'
import type { Outcome } from '../../server/log/class-logs'

export type ProcessToKill = {
  processId: string
  /** null: the process died before it answered. */
  submit(classId: string, envelope: Envelope): Promise<Outcome | null>
  /** As by the kernel: nothing is handed over. */
  kill(): Promise<void>
}

export async function startProcessToKill(env: {
  REDIS_URL: string
  DATABASE_URL: string
}): Promise<ProcessToKill> {
  const program = fileURLToPath(new URL('./class-process.ts', import.meta.url))
  const child: ChildProcess = fork(program, {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, ...env },
  })
  const waiting = new Map<number, (outcome: Outcome | null) => void>()
  child.on('message', ({ ref, outcome }: { ref: number; outcome: Outcome }) => waiting.get(ref)?.(outcome))
  child.on('exit', () => {
    for (const resolve of waiting.values()) resolve(null)
  })
  const [{ ready }] = (await once(child, 'message')) as [{ ready: string }]
  let refs = 0
  return {
    processId: ready,
    submit(classId, envelope) {
      const ref = ++refs
      return new Promise((resolve) => {
        waiting.set(ref, resolve)
        child.send({ ref, classId, envelope })
      })
    },
    async kill() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export type Leash = {
  /** Undefined if the leash could not be started. */
  pid: number | undefined
  hold(pid: number): void
  release(pid: number): void
  /** Ends the leash; whoever is still held is ended too. */
  drop(): void
}

/** A process that outlives this one just long enough to end the held process groups. */
export function createLeash(): Leash {
  const script = fileURLToPath(new URL('./end-orphans.mjs', import.meta.url))
  const process_ = spawn(process.execPath, [script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  process_.unref()
  process_.stdin.on('error', () => {}) // a leash that was killed is no reason to end the class
  const write = (line: string) => {
    if (process_.stdin.writable) process_.stdin.write(`${line}\n`)
  }
  return {
    pid: process_.pid,
    hold: (pid) => write(`+${pid}`),
    release: (pid) => write(`-${pid}`),
    drop: () => process_.stdin.end(),
  }
}

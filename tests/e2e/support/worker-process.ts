import { readdirSync, readFileSync } from 'node:fs'

/** The media worker of the tests' stack, also after it was replaced: a child of the process that started the tests. */
export function findWorkerPid(): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      // "pid (command) state parent ...": the command may hold spaces, but the worker's does not.
      const [, command, , parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(' ')
      if (command === '(amphi-worker)' && Number(parent) === process.ppid) return Number(name)
    } catch {
      // It ended while we looked.
    }
  }
  throw new Error('the tests have no worker')
}

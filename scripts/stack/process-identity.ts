import { readFileSync } from 'node:fs'

/** A process id alone may have been given to another process since; with its time of birth it is unique. */
export type ProcessIdentity = { pid: number; startedAt: string }

export const identifySelf = (): ProcessIdentity => ({ pid: process.pid, startedAt: startOf(process.pid) })

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return startOf(pid) === startedAt
}

/** Linux: clock ticks from boot to the birth of the process (field 22, counted after the name); elsewhere nothing. */
function startOf(pid: number): string {
  return readProc(pid, 'stat').split(') ')[1]?.split(' ')[19] ?? ''
}

/** Linux: the command line; empty if the process is gone. */
export const commandOf = (pid: number): string => readProc(pid, 'cmdline')

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Environment } from '../../server/config'
import { findProgram } from '../stack/programs'

/** What setup may do here, and where it looks for programs; a parameter, so that tests can take things away. */
export type Machine = {
  isRoot: boolean
  isDebian: boolean
  env: NodeJS.ProcessEnv
}

export function detectMachine(env: NodeJS.ProcessEnv = process.env): Machine {
  return { isRoot: process.getuid?.() === 0, isDebian: existsSync('/etc/debian_version'), env }
}

export const hasProgram = (machine: Machine, name: string): boolean =>
  findProgram(name, machine.env.PATH) !== undefined

/** How much of a failed command's output is shown: less than a screen. */
const SHOWN_LINES = 25

/** A step failed; the message says what, its last lines, and what to do about it. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}

/** Runs to the end and returns the standard output. Throws SetupError with the last lines and the advice. */
export async function run(
  machine: Machine,
  command: string,
  args: string[],
  options: { advice: string; cwd?: string; env?: Environment },
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...machine.env, ...options.env } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let all = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
    all += chunk
  })
  child.stderr.on('data', (chunk) => {
    all += chunk
  })
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`))
  })
  if (failure === undefined) return out
  const lines = findTelling(all.trimEnd().split('\n'))
  throw new SetupError(
    `"${command} ${args.join(' ')}" ${failure}:\n${lines.map((line) => `  ${line}`).join('\n')}\n${options.advice}`,
  )
}

/** From where the error begins, or the end. Bundlers print pages after their error, compilers nothing. */
function findTelling(lines: string[]): string[] {
  const error = lines.findIndex((line) => /\berror\b/i.test(line) && !/-errors?-/.test(line))
  const start = error < 0 ? lines.length - SHOWN_LINES : Math.min(error, lines.length - SHOWN_LINES)
  return lines.slice(Math.max(0, start)).slice(0, SHOWN_LINES)
}

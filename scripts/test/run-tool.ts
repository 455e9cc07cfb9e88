import { spawn } from 'node:child_process'
import type { Environment } from '../../server/config'
import { ROOT } from '../stack/paths'

export type ToolResult = { code: number; output: string }

type ToolOptions = { cwd?: string; env?: Environment; quiet?: boolean }

/** Runs a tool of the repository to its end. Its output goes to the terminal, or, if quiet, into the result. */
export function runTool(command: string, args: string[], options: ToolOptions = {}): Promise<ToolResult> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env } as NodeJS.ProcessEnv,
    stdio: ['ignore', options.quiet ? 'pipe' : 'inherit', options.quiet ? 'pipe' : 'inherit'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk
    })
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: error.message }))
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

/** A tool that is a Node program of one of the packages. */
export function runNodeTool(path: string, args: string[], options?: ToolOptions): Promise<ToolResult> {
  return runTool(process.execPath, [`${ROOT}/node_modules/${path}`, ...args], options)
}

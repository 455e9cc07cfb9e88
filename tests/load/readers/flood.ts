import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Judge } from './judge'
import type { Job } from './messages'

type Tally = { reads: number; torn: number; missing: number; goingBack: number; broken: number }
type Line = Tally & { name?: string; text?: string; problems?: string[] }

export type Flood = { tally: Tally; problems: string[]; end(): Promise<void> }

/** Reads in great number by a program of its own; each version of a playlist that it meets is judged here. */
export function startFlood(
  { program, urls, perSecond, reads }: Job['flood'],
  variants: string[],
  judge: Judge,
): Flood {
  const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const paths = urls.map((url) => new URL('.', url).pathname)
  const address = new URL(urls[0] ?? '').host
  child.stdin.write(`${JSON.stringify({ address, paths, variants, perSecond, reads })}\n`)
  const flood: Flood = {
    tally: { reads: 0, torn: 0, missing: 0, goingBack: 0, broken: 0 },
    problems: [],
    async end() {
      child.stdin.end()
      await ended
    },
  }
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line: Line = JSON.parse(text)
    if (line.text !== undefined) return judge.text(line.text)
    flood.tally = line
    flood.problems = line.problems ?? []
  })
  return flood
}

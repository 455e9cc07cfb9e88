import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts CPU time in these: USER_HZ is 100 on every platform Node runs on. */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

type Usage = { cpuSeconds: number; rssBytes: number }

function statOf(pid: number): { parent: number; usage: Usage } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .map(Number)
    const cpuSeconds = ((fields[11] ?? 0) + (fields[12] ?? 0)) / TICKS_PER_SECOND
    return { parent: fields[1] ?? 0, usage: { cpuSeconds, rssBytes: (fields[21] ?? 0) * PAGE_BYTES } }
  } catch {
    return null
  }
}

/** CPU time and memory of a process and all its descendants that live now. */
export function usageOf(pid: number): Usage {
  const pids = readdirSync('/proc').map(Number).filter(Boolean)
  const stats = new Map(pids.map((p) => [p, statOf(p)]))
  const belongs = (p: number): boolean => {
    if (p === pid) return true
    const parent = stats.get(p)?.parent ?? 0
    return parent > 1 && belongs(parent)
  }
  const total = { cpuSeconds: 0, rssBytes: 0 }
  for (const [p, stat] of stats) {
    if (!stat || !belongs(p)) continue
    total.cpuSeconds += stat.usage.cpuSeconds
    total.rssBytes += stat.usage.rssBytes
  }
  return total
}

/** Share of the machine that was left idle between two readings. */
export function readIdle(): { idle: number; total: number } {
  const fields =
    readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/\s+/).slice(1).map(Number) ?? []
  return { idle: (fields[3] ?? 0) + (fields[4] ?? 0), total: fields.reduce((sum, f) => sum + f, 0) }
}

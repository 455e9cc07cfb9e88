import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { RequestHandler } from 'express'

export type Sample = {
  /** Without the prefix `amphi_`; counters end in `_total`. */
  name: string
  help: string
  value: number
  labels?: Readonly<Record<string, string>>
}
export type Collector = () => Sample[]

const NANOSECONDS = 1e9
const MICROSECONDS = 1e6

/** `GET /metrics`, Prometheus text format 0.0.4. Collectors are asked when somebody scrapes, never before. */
export function createMetrics(collectors: readonly Collector[]): RequestHandler {
  return (_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    response.end(toText(collectors.flatMap((collect) => collect())))
  }
}

export function toText(samples: readonly Sample[]): string {
  const families = new Map<string, Sample[]>()
  for (const sample of samples) families.set(sample.name, [...(families.get(sample.name) ?? []), sample])
  return [...families]
    .map(([name, members]) => {
      const type = name.endsWith('_total') ? 'counter' : 'gauge'
      const lines = members.map(({ labels, value }) => `amphi_${name}${toLabels(labels)} ${value}\n`)
      return `# HELP amphi_${name} ${members[0]?.help}\n# TYPE amphi_${name} ${type}\n${lines.join('')}`
    })
    .join('')
}

function toLabels(labels: Sample['labels']): string {
  const quoted = (value: string) => value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}="${quoted(value)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

/** Of this process: memory, processor, and how long the event loop keeps people waiting. */
export function createProcessCollector(): Collector {
  const delay = monitorEventLoopDelay()
  delay.enable()
  return () => {
    const { user, system } = process.cpuUsage()
    const p99 = delay.count > 0 ? delay.percentile(99) / NANOSECONDS : 0
    delay.reset()
    return [
      { name: 'process_resident_bytes', help: 'Resident memory', value: process.memoryUsage.rss() },
      { name: 'process_cpu_seconds_total', help: 'Processor time', value: (user + system) / MICROSECONDS },
      { name: 'process_uptime_seconds', help: 'Since the start', value: process.uptime() },
      { name: 'event_loop_delay_p99_seconds', help: 'Since the last scrape', value: p99 },
    ]
  }
}

/** Answers by their kind: 2xx, 3xx, 4xx, 5xx. */
export function createRequestCounter(): { count: RequestHandler; collect: Collector } {
  const counts: Record<string, number> = {}
  return {
    count(_request, response, next) {
      response.on('finish', () => {
        const kind = `${Math.floor(response.statusCode / 100)}xx`
        counts[kind] = (counts[kind] ?? 0) + 1
      })
      next()
    },
    collect: () =>
      Object.entries(counts).map(([status, value]) => ({
        name: 'http_answers_total',
        help: 'Answered HTTP requests',
        labels: { status },
        value,
      })),
  }
}

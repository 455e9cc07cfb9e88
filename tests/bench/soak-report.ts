import { type Line, quantile, report } from './report'

/** Pools and the class's bounded history are full by then. */
const WARM_SHARE = 0.5
const MIB = 1024 * 1024
/**
 * Of growth an hour: noise for those that keep nothing, what a class of DVR takes for those that keep its list (the
 * origin, and every player).
 */
const MOST_AN_HOUR: Record<string, number> = {
  origin: 24 * MIB,
  server: 24 * MIB,
  redis: 2 * MIB,
  database: 8 * MIB,
  livekit: 8 * MIB,
  worker: 2 * MIB,
  browser: 32 * MIB,
}
const PAGE_HEAP_AN_HOUR = 12 * MIB

/** `rss.origin` is less its cache of media, which has a bound of its own. */
export type Look = {
  at: number
  rss: Record<string, number>
  cached: number
  heap: number
  ageMs: number
  delayMs: number
}

export const say = (metric: string, value: number, unit: Line['unit'], atMost?: number) =>
  report({ bench: 'soak', metric, value, unit, atMost })

/** Of the half in which nothing is warming up any more: what grows, and how late everything is. */
export function reportLooks(looks: readonly Look[]): void {
  const warm = looks.slice(Math.floor(looks.length * WARM_SHARE))
  const anHour = (of: (look: Look) => number) => slope(warm.map((look) => [look.at, of(look)])) * 3_600_000
  for (const [name, bytes] of Object.entries(looks.at(-1)?.rss ?? {})) {
    say(`rss_${name}`, bytes, 'bytes')
    say(
      `rss_${name}_an_hour`,
      anHour(({ rss }) => rss[name] ?? 0),
      'bytes',
      MOST_AN_HOUR[name],
    )
  }
  say('origin_cached', looks.at(-1)?.cached ?? 0, 'bytes')
  say('page_heap', looks.at(-1)?.heap ?? 0, 'bytes')
  say(
    'page_heap_an_hour',
    anHour(({ heap }) => heap),
    'bytes',
    PAGE_HEAP_AN_HOUR,
  )
  const half = Math.floor(warm.length / 2)
  for (const [when, some] of Object.entries({ early: warm.slice(0, half), late: warm.slice(half) })) {
    const middle = (of: (look: Look) => number) => quantile(some.map(of), 0.5)
    say(
      `timeline_behind_${when}`,
      middle(({ ageMs }) => ageMs),
      'ms',
    )
    say(
      `delay_${when}`,
      middle(({ delayMs }) => delayMs),
      'ms',
    )
  }
}

/** Least squares: of y by x. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1) => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  return over / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

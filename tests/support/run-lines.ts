/** Lines of a journal as the worker writes them, for tests that need no media. */
export type SegmentShape = {
  /** Durations of the parts, seconds. */
  parts: number[]
  discontinuity?: boolean
  /** Not closed: the run died, or is still on. */
  open?: boolean
  /** A new init segment comes before. */
  newInit?: boolean
}

/** Two seconds, as the worker cuts them. */
export const FULL_PARTS = [0.23333, 0.23333, 0.23333, 0.23333, 0.23333, 0.23333, 0.23333, 0.23333, 0.13333]
const PART_BYTES = 1000

export function toRunLine(runId: string): string {
  return JSON.stringify({ t: 'run', v: 1, runId, classId: 'cls_1', egressId: 'EG_1', startedAt: 0 })
}

export function toInitLine(variant: string, init: number): string {
  const height = { mid: 360, low: 180 }[variant] ?? 720
  const picture = variant === 'audio' ? {} : { width: (height * 16) / 9, height, frameRate: 30 }
  const codecs = variant === 'audio' ? 'mp4a.40.2' : 'avc1.42c01f,mp4a.40.2'
  const file = `${variant}-init-${init}.mp4`
  return JSON.stringify({ t: 'init', variant, init, file, size: 700, codecs, ...picture })
}

export function toPictureLine(at: number, main: string | null, aside: string | null): string {
  const shown = (personId: string | null) => personId && { personId, source: 'camera' }
  return JSON.stringify({ t: 'picture', at, main: shown(main), aside: shown(aside) })
}

/** All lines of a run: its segments in order, and in each its variants in order. */
export function toRunLines(
  runId: string,
  startPdt: number,
  shapes: SegmentShape[],
  variants = ['main', 'audio'],
): string[] {
  const lines = [toRunLine(runId), ...variants.map((variant) => toInitLine(variant, 0))]
  let pdt = startPdt
  let init = 0
  for (const [segment, shape] of shapes.entries()) {
    if (shape.newInit) {
      init += 1
      lines.push(...variants.map((variant) => toInitLine(variant, init)))
    }
    for (const variant of variants) lines.push(...toSegmentLines(variant, segment, init, pdt, shape))
    pdt += shape.parts.reduce((sum, seconds) => sum + seconds * 1000, 0)
  }
  return lines
}

export function toSegmentLines(
  variant: string,
  segment: number,
  init: number,
  startPdt: number,
  { parts, discontinuity = false, open = false }: SegmentShape,
): string[] {
  const file = `${variant}-${segment}.m4s`
  let pdt = startPdt
  const lines = parts.map((duration, part) => {
    const head = part === 0 ? { init, discontinuity } : {}
    const place = { offset: part * PART_BYTES, size: PART_BYTES, duration, independent: part === 0, pdt }
    pdt += duration * 1000
    return JSON.stringify({ t: 'part', variant, segment, part, file, ...place, ...head })
  })
  if (open) return lines
  const duration = Number(parts.reduce((sum, seconds) => sum + seconds, 0).toFixed(5))
  const size = parts.length * PART_BYTES
  const whole = { t: 'segment', variant, segment, init, discontinuity, duration, size, file, pdt: startPdt }
  return [...lines, JSON.stringify(whole)]
}

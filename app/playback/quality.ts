import type { Rendition } from './engine'

export type Quality = { kind: 'auto' } | { kind: 'fixed'; height: number } | { kind: 'audio' }

const KEY = 'amphi.quality'

/** The choice of this device; a browser without storage starts with Auto each time. */
export function readQuality(storage: Pick<Storage, 'getItem'> | null): Quality {
  const auto: Quality = { kind: 'auto' }
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || kept === null || !('kind' in kept)) return auto
    if (kept.kind === 'audio') return { kind: 'audio' }
    const height = 'height' in kept ? kept.height : null
    if (kept.kind === 'fixed' && typeof height === 'number' && height > 0) return { kind: 'fixed', height }
    return auto
  } catch {
    return auto
  }
}

export function keepQuality(storage: Pick<Storage, 'setItem'> | null, quality: Quality): void {
  try {
    storage?.setItem(KEY, JSON.stringify(quality))
  } catch {
    // Full, or not allowed: the choice holds for this page.
  }
}

/** The rendition nearest to the wanted height: another class has other heights. Null: Auto. */
export function toRenditionIndex(quality: Quality, renditions: readonly Rendition[]): number | null {
  if (quality.kind !== 'fixed') return null
  const away = ({ height }: Rendition) => Math.abs(height - quality.height)
  const [nearest] = [...renditions].sort((a, b) => away(a) - away(b) || b.bitsPerSecond - a.bitsPerSecond)
  return nearest?.index ?? null
}

export function toMegabytesPerHour(bitsPerSecond: number): number {
  return Math.round((bitsPerSecond * 3_600) / 8 / 1_000_000)
}

/** What browsers say of the network, where they do (Network Information API). */
type Connection = { saveData?: boolean; effectiveType?: string }

/** Begins with the lowest rendition: for who pays by the megabyte, and who would wait long for a better one. */
export function startsLow(connection: Connection | undefined): boolean {
  if (!connection) return false
  return connection.saveData === true || /2g|3g/.test(connection.effectiveType ?? '')
}

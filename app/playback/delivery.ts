/**
 * By parts the picture is as near to live as it gets, but each part waits for the one before it: where a round trip
 * takes nearly as long as a part plays, parts fall behind and never catch up. Whole segments do not, and cost 2 s.
 */
export type Delivery = {
  by: 'parts' | 'segments'
  since: number
  /** How often parts were tried again in vain. */
  falls: number
}

type Look = {
  at: number
  /** What the network of late would take, seconds behind live. */
  neededSeconds: number
  /** To the first byte of something that is there; null: not known. */
  roundTripMs: number | null
}

/** Segments with their loading take about this: by parts it must not be more. */
const MOST_BY_PARTS_SECONDS = 2.5
/** Less than half a part. */
const QUICK_ROUND_TRIP_MS = 100
const CALM_MS = 15_000
const LONGEST_CALM_MS = 240_000
/** Parts that fail this soon were tried too early. */
const PROVED_MS = 60_000

export const firstDelivery = (at: number): Delivery => ({ by: 'parts', since: at, falls: 0 })

export function decideDelivery(delivery: Delivery, { at, neededSeconds, roundTripMs }: Look): Delivery {
  const lasted = at - delivery.since
  if (delivery.by === 'parts') {
    if (neededSeconds <= MOST_BY_PARTS_SECONDS) return delivery
    return { by: 'segments', since: at, falls: lasted < PROVED_MS ? delivery.falls + 1 : 0 }
  }
  const calmMs = Math.min(CALM_MS * 2 ** delivery.falls, LONGEST_CALM_MS)
  const quick = roundTripMs !== null && roundTripMs < QUICK_ROUND_TRIP_MS
  return quick && lasted >= calmMs ? { ...delivery, by: 'parts', since: at } : delivery
}

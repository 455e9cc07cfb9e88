import { newId } from '../../server/ids'
import { startBroadcastRig } from '../support/broadcast-rig'
import { buildPublisher, makeFilms, startPublisher } from '../support/go-publisher'
import { type Footprint, measureLeast, startAndStop, toLimit } from '../support/worker-churn'
import { report } from './report'

/** A leak of a kilobyte at each is a megabyte then; a test does fifty. */
const STARTS = Number(process.env.BENCH_STARTS ?? 1000)
const TOGETHER = 8
const CLASSES = 8
/** The heap's high-water mark is reached, and what is made once was made. */
const WARM_STARTS = 40
/** More than pools keep of their busiest moment, less than one for every start. */
const SLACK = { count: 12, rssBytes: 30 * 2 ** 20 }
const layers = [{ width: 320, height: 180, bitsPerSecond: 100_000 }]

let goroutines = 0
const rig = await startBroadcastRig({
  onLog: (line) => {
    if (typeof line.goroutines === 'number') goroutines = line.goroutines
  },
})
try {
  const films = await makeFilms(rig.broadcastDir, layers, 4)
  const classes = await Promise.all(Array.from({ length: CLASSES }, () => rig.createRoom()))
  // In half of the classes somebody is seen and heard.
  const program = await buildPublisher()
  const publishers = await Promise.all(
    classes.slice(0, CLASSES / 2).map(async (classId) => {
      const token = await rig.token(classId, newId('per'), 'teacher')
      return startPublisher(program, { url: rig.livekit.url, token }, films)
    }),
  )
  const churn = { rig, classes, goroutines: () => goroutines }
  await startAndStop(churn, WARM_STARTS, TOGETHER)
  const before = await measureLeast(churn)
  const began = performance.now()
  await startAndStop(churn, STARTS, TOGETHER)
  const seconds = (performance.now() - began) / 1000
  const after = await measureLeast(churn, toLimit(before, SLACK))
  const line = (metric: string, value: number, unit: 'bytes' | 'count' | '1/s') =>
    report({ bench: 'broadcast-churn', metric, value, unit })
  line('starts', STARTS, 'count')
  line('throughput', STARTS / seconds, '1/s')
  for (const metric of Object.keys(after) as (keyof Footprint)[]) {
    const unit = metric === 'rssBytes' ? 'bytes' : 'count'
    line(metric, after[metric], unit)
    line(`${metric}_more`, after[metric] - before[metric], unit)
  }
  for (const publisher of publishers) publisher.kill()
} finally {
  await rig.stop()
}

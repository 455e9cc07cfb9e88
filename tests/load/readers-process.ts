import { startFlood } from './readers/flood'
import { createJudge } from './readers/judge'
import type { Job, Look, Question } from './readers/messages'
import { startReader } from './readers/reader'

/** No player waits for longer; the longest that a broadcast may take to come back is a third of it. */
const STUCK_MS = 15_000
const WATCH_MS = 500

/** The readers of a broadcast in a process of their own: the first message is their job, the others are questions. */
process.once('message', (job: Job) => {
  const judge = createJudge()
  let isOver = false
  const readers = job.readers.map(({ url, variant }, index) =>
    startReader(url, variant, index % 2 === 0, judge, () => isOver),
  )
  const variants = [...new Set(job.readers.map(({ variant }) => variant))]
  const flood = startFlood(job.flood, variants, judge)
  const stuck = new Set<number>()
  const watch = setInterval(() => {
    readers.forEach(({ newestAt, variant }, index) => {
      if (Date.now() - newestAt < STUCK_MS) stuck.delete(index)
      else if (stuck.size !== stuck.add(index).size) judge.fault('stuck', `reader ${index} of ${variant}`)
    })
  }, WATCH_MS)

  function look(): Look {
    const sum = (pick: (reader: (typeof readers)[number]) => number) =>
      readers.reduce((all, reader) => all + pick(reader), 0)
    const { torn, missing, goingBack, reads, broken } = flood.tally
    const { faults } = judge
    return {
      readers: readers.map(({ variant, runId, parts, newestAt }) => ({ variant, runId, parts, newestAt })),
      reads: sum((reader) => reader.reads),
      floodReads: reads,
      versions: judge.versions(),
      faults: {
        ...faults,
        torn: faults.torn + torn,
        missing: faults.missing + missing,
        goingBack: faults.goingBack + goingBack,
      },
      broken: sum((reader) => reader.broken) + broken,
      crossings: readers.flatMap(({ crossings }) => crossings),
      problems: [...judge.problems, ...flood.problems],
    }
  }

  async function answer(question: Question) {
    if (question === 'end') {
      clearInterval(watch)
      isOver = true
      await flood.end()
    }
    process.send?.(look())
    if (question === 'end') process.disconnect()
  }

  process.on('message', (question: Question) => void answer(question))
})
process.once('disconnect', () => process.exit())

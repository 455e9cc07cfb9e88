import type { ChildProcess } from 'node:child_process'
import type { BroadcastPlan, PlannedRun } from '../../egress/plan'
import { newId } from '../../server/ids'
import {
  type BroadcastRig,
  type JournalLine,
  type Role,
  readJournal,
  selectLines,
  untilJournal,
} from './broadcast-rig'
import { buildPublisher, type Film, makeFilms, sendLayers, startPublisher } from './go-publisher'

/** What a class did to its broadcast: runs, and where each of them lies. */
export type EventfulClass = {
  classId: string
  dirs: string[]
  plan(more?: Partial<BroadcastPlan>): BroadcastPlan
  /** A teacher comes to a room that was empty: from the slate to a camera of three layers. */
  open(): Promise<void>
  /** The teacher's network takes only one of the three layers for a while. */
  narrow(): Promise<void>
  /** Somebody shares a screen, and stops: another main picture, of another size, and a second one beside it. */
  share(): Promise<void>
  /** The worker dies as by `kill -9`, and another one goes on with a run of its own. */
  replaceWorker(): Promise<void>
  end(): Promise<void>
  /** Leaves no publisher behind, wherever the test has stopped. */
  close(): void
}

const WAIT_MS = 40_000
/** Small, so that they cost nothing; what counts is that there are three. */
const CAMERA = [
  { width: 160, height: 90, bitsPerSecond: 40_000 },
  { width: 320, height: 180, bitsPerSecond: 100_000 },
  { width: 640, height: 360, bitsPerSecond: 300_000 },
]
const PAGE = [{ width: 800, height: 450, bitsPerSecond: 300_000 }]
const FILM_SECONDS = 10

type Run = { runId: string; dir: string; egressId: string; end?: PlannedRun['end'] }

export async function createEventfulClass(rig: BroadcastRig): Promise<EventfulClass> {
  const program = await buildPublisher()
  const camera = await makeFilms(rig.broadcastDir, CAMERA, FILM_SECONDS)
  const page = await makeFilms(rig.broadcastDir, PAGE, FILM_SECONDS)
  const classId = await rig.createRoom()
  const runs: Run[] = []
  const publishers = new Set<ChildProcess>()

  async function publish(role: Role, films: Film[], share = false) {
    const personId = newId('per')
    const to = { url: rig.livekit.url, token: await rig.token(classId, personId, role) }
    const child = await startPublisher(program, to, films, share)
    publishers.add(child)
    return {
      personId,
      send: (layers: number) => sendLayers(child, layers),
      leave: () => child.kill(),
    }
  }

  async function startRun() {
    const { dir, egressId } = await rig.startRun(classId)
    runs.push({ runId: dir.slice(dir.lastIndexOf('/') + 1), dir, egressId })
  }

  const newest = (): Run => {
    const run = runs.at(-1)
    if (!run) throw new Error('no run yet')
    return run
  }

  async function until(what: string, holds: (lines: JournalLine[]) => boolean) {
    if (!(await untilJournal(newest().dir, holds, WAIT_MS))) throw new Error(`not seen: ${what}`)
  }

  /** So many whole segments of a variant more than there are now. */
  async function untilSegments(variant: string, more: number) {
    const before = selectLines(await readJournal(newest().dir), 'segment', variant).length
    await until(`${more} segments`, (lines) => selectLines(lines, 'segment', variant).length >= before + more)
  }

  const untilShown = (personId: string) =>
    until(`the picture of ${personId}`, (lines) => {
      const now = lines.findLast(({ t }) => t === 'picture')
      return now?.main?.personId === personId
    })

  async function freeze(run: Run) {
    const lines = await readJournal(run.dir)
    const parts = lines.filter(({ t }) => t === 'part')
    const segments = Math.max(...parts.map(({ segment = 0 }) => segment)) + 1
    const last = parts.filter(({ segment }) => segment === segments - 1).map(({ part = 0 }) => part)
    run.end = { segments, lastParts: Math.max(...last) + 1 }
  }

  let teacher: Awaited<ReturnType<typeof publish>> | null = null

  /** Heights of the three renditions, highest first, as they are now. */
  const untilHeights = (...heights: number[]) =>
    until(`heights ${heights}`, (lines) =>
      ['main', 'mid', 'low'].every(
        (name, i) => selectLines(lines, 'init', name).at(-1)?.height === heights[i],
      ),
    )

  return {
    classId,
    get dirs() {
      return runs.map(({ dir }) => dir)
    },
    plan(more = {}) {
      let base = 0
      const planned = runs.map(({ runId, end }) => {
        const run = { runId, base, ...(end && { end }) }
        base += end?.segments ?? 0
        return run
      })
      return { classId, ended: false, recorded: true, runs: planned, ...more }
    },
    async open() {
      await startRun()
      await untilSegments('main', 1)
      teacher = await publish('teacher', camera)
      await untilShown(teacher.personId)
      await untilSegments('low', 2)
    },
    async narrow() {
      await untilHeights(360, 180, 90)
      teacher?.send(1)
      await untilHeights(90, 90, 90)
      teacher?.send(3)
      await untilHeights(360, 180, 90)
      await untilSegments('low', 2)
    },
    async share() {
      const sharer = await publish('teacher', page, true)
      await untilShown(sharer.personId)
      await untilSegments('aside', 2)
      sharer.leave()
      if (teacher) await untilShown(teacher.personId)
      // All renditions show it: a death in the middle of a change is a test of the timeline.
      await untilSegments('low', 2)
    },
    async replaceWorker() {
      await rig.replaceWorker()
      await freeze(newest())
      await startRun()
      await untilSegments('main', 3)
    },
    async end() {
      await rig.egress.stopEgress(newest().egressId)
      await until('the end', (lines) => lines.at(-1)?.t === 'end')
      await freeze(newest())
    },
    close() {
      for (const publisher of publishers) publisher.kill()
    },
  }
}

import { readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseHealth, toStandbyName } from '../../egress/run-health'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { ClassState } from '../../server/classroom/state'
import { keysOf } from '../../server/redis/names'
import { readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist, checkReload } from '../protocol-checks/playlist-validator'
import { type BroadcastParts, startBroadcastParts } from '../support/broadcast-parts'
import { type ClassRig, startClass } from '../support/class-rig'
import type { TestWorker } from '../support/worker'

const TEST_MS = 120_000
const WAIT_MS = 60_000
/** The goal is 1 s; a machine of two cores that runs other things beside may be late. */
const GAP_MS = 3_000

let parts: BroadcastParts
const workers: TestWorker[] = []

beforeAll(async () => {
  parts = await startBroadcastParts({ standby: true })
}, TEST_MS)

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()))
  await parts?.stop()
}, TEST_MS)

const isOn = (state: ClassState) => state.broadcast.state === 'on'

async function work(): Promise<TestWorker> {
  const worker = await parts.startWorker()
  workers.push(worker)
  return worker
}

/** Which of them has the run's journal open. */
async function findWriter(among: readonly TestWorker[], runId: string): Promise<TestWorker> {
  for (const worker of among) {
    const folder = `/proc/${worker.pid}/fd`
    const open = await Promise.all(
      (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => '')),
    )
    if (open.some((path) => path.includes(`/${runId}/`))) return worker
  }
  throw new Error(`no worker writes ${runId}`)
}

/** Reads the playlist again and again; says how long nothing new came, at most, and what was not legal. */
function follow(rig: ClassRig) {
  const token = parts.tokens.signWatch({ cls: rig.classId, sub: 'per_o', ver: 0 })
  const url = `http://127.0.0.1:${parts.origin.port}/${token}/${rig.classId}/main.m3u8`
  const problems: string[] = []
  let on = true
  let longestMs = 0
  const done = (async () => {
    let last: ReturnType<typeof readMediaPlaylist> | null = null
    let newest = ''
    let changedAt = performance.now()
    while (on) {
      const text = await (await fetch(url)).text()
      const read = readMediaPlaylist(text)
      problems.push(...checkPlaylist(read), ...(last ? checkReload(last, read) : []))
      last = read
      const uri = text.split('\n').findLast((line) => line.startsWith('#EXT-X-PART:')) ?? ''
      if (uri !== newest) {
        if (newest !== '') longestMs = Math.max(longestMs, performance.now() - changedAt)
        changedAt = performance.now()
        newest = uri
      }
    }
  })()
  return {
    async end() {
      on = false
      await done
      return { longestMs, problems }
    },
  }
}

test(
  'a standby on another worker takes over within a second or so, legally, and another one is ordered',
  async () => {
    const both = [await work(), await work()]
    const rig = await startClass(parts.logs, { seats: 0 })
    await rig.enter('per_o', 'student')
    await rig.until(isOn)
    // On a busy machine one may stall and the other take over before anybody is killed: whichever they are now.
    const isWarm = async () => {
      const waits = rig.followed.state.broadcast.standby
      if (!waits || !isOn(rig.followed.state)) return false
      const health = await parts.store.hget(keysOf(rig.classId).health, toStandbyName(waits.runId))
      return (parseHealth(health)?.segments ?? 0) >= 3
    }
    expect(await waitUntil(isWarm, WAIT_MS)).toBe(true)
    const { standby: waits, runs } = rig.followed.state.broadcast
    const standby = waits?.runId ?? ''
    const first = await findWriter(both, runs.at(-1)?.runId ?? '')
    expect(await findWriter(both, standby)).not.toBe(first)
    const reader = follow(rig)
    await first.kill()
    const after = await rig.until((state) => state.broadcast.runs.at(-1)?.runId === standby && isOn(state))
    expect(after.broadcast.runs).toHaveLength(runs.length + 1)
    expect(after.broadcast.runs.at(-1)?.skip).toBeGreaterThanOrEqual(2)
    const base = after.broadcast.runs.at(-1)?.base ?? 0
    const goesOn = async () => {
      const health = await parts.store.hget(keysOf(rig.classId).health, standby)
      return (parseHealth(health)?.segments ?? 0) >= 3
    }
    expect(await waitUntil(goesOn, WAIT_MS)).toBe(true)
    const { longestMs, problems } = await reader.end()
    expect(base).toBeGreaterThan(0)
    expect([...new Set(problems)]).toEqual([])
    expect(longestMs).toBeLessThan(GAP_MS)
    process.stderr.write(`gap at the take-over: ${Math.round(longestMs)} ms\n`)

    // The first worker's machine is back.
    await work()
    await rig.until((state) => state.broadcast.standby !== undefined)
    await rig.as('per_teacher', { name: 'class:end' })
    await rig.until((state) => state.broadcast.state === 'off' && state.broadcast.standby === undefined)
  },
  TEST_MS,
)

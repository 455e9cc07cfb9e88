import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { pacings } from '../../egress/director/pacing'
import { createOfficialSource } from '../../egress/origin/official/official-source'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { ClassState } from '../../server/classroom/state'
import { readMediaPlaylist } from '../protocol-checks/media-playlist'
import { checkPlaylist } from '../protocol-checks/playlist-validator'
import { type BroadcastParts, startBroadcastParts } from '../support/broadcast-parts'
import { type ClassRig, startClass, testLogger } from '../support/class-rig'
import { buildStandIn, type StandIn, type StandInMode, startStandIn } from '../support/egress-stand-in'

const TEST_MS = 120_000
const WAIT_MS = 60_000
const PAGES = 'https://pages.example.org/composite'

let parts: BroadcastParts
let program: string
const standIns: StandIn[] = []

beforeAll(async () => {
  program = await buildStandIn()
  parts = await startBroadcastParts({
    engine: 'livekit-egress',
    pacing: { ...pacings['livekit-egress'], staleMs: 5_000 },
    toPageUrl: (classId) => `${PAGES}/${classId}`,
    // What the stand-in films is not our page.
    toSource: (dir, now) => createOfficialSource(dir, { now, pulse: false, logger: testLogger }),
  })
}, TEST_MS)

afterEach(async () => {
  await Promise.all(standIns.splice(0).map((standIn) => standIn.kill()))
})

afterAll(() => parts?.stop(), TEST_MS)

const isOn = (state: ClassState) => state.broadcast.state === 'on'

async function stand(mode: StandInMode): Promise<StandIn> {
  const standIn = await startStandIn(program, parts.redis.url, mode)
  standIns.push(standIn)
  return standIn
}

async function watched(): Promise<ClassRig> {
  const rig = await startClass(parts.logs, { seats: 0 })
  await rig.enter('per_o', 'student')
  return rig
}

async function end(rig: ClassRig): Promise<void> {
  await rig.as('per_teacher', { name: 'class:end' })
  await rig.until(({ broadcast }) => broadcast.state === 'off')
}

function reader(rig: ClassRig) {
  const token = parts.tokens.signWatch({ cls: rig.classId, sub: 'per_o', ver: 0 })
  const url = `http://127.0.0.1:${parts.origin.port}/${token}/${rig.classId}`
  return {
    text: async (name: string) => (await fetch(`${url}/${name}`)).text(),
    bytes: async (name: string) => Buffer.from(await (await fetch(`${url}/${name}`)).arrayBuffer()),
    async segments() {
      const response = await fetch(`${url}/main.m3u8`)
      return response.ok ? readMediaPlaylist(await response.text()).segments.length : 0
    },
  }
}

test(
  "the official engine films our page; its segments are the broadcast, and heal over its engine's death",
  async () => {
    const first = await stand('write')
    const rig = await watched()
    await rig.until(isOn)
    expect(first.started()).toEqual([expect.stringContaining(`base=${PAGES}/${rig.classId}`)])
    const viewer = reader(rig)
    expect(await waitUntil(async () => (await viewer.segments()) >= 3, WAIT_MS)).toBe(true)
    const text = await viewer.text('main.m3u8')
    expect(checkPlaylist(readMediaPlaylist(text))).toEqual([])
    expect(text).not.toContain('#EXT-X-PART')
    expect(await viewer.text('index.m3u8')).toMatch(
      /CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2",RESOLUTION=640x360/,
    )
    const uri = text.split('\n').find((line) => line.endsWith('.m4s')) ?? ''
    expect((await viewer.bytes(uri)).toString('latin1', 4, 8)).toBe('moof')

    await first.kill()
    await stand('write')
    const { broadcast } = await rig.until(
      (state) => (state.broadcast.runs.at(-1)?.base ?? 0) > 0 && isOn(state),
    )
    const base = broadcast.runs.at(-1)?.base ?? 0
    expect(await waitUntil(async () => (await viewer.segments()) > base + 2, WAIT_MS)).toBe(true)
    const healed = await viewer.text('main.m3u8')
    expect(healed).toContain('#EXT-X-DISCONTINUITY\n')
    expect(checkPlaylist(readMediaPlaylist(healed))).toEqual([])
    await end(rig)
  },
  TEST_MS,
)

test(
  'an engine that is active and films black pictures is replaced',
  async () => {
    const dark = await stand('black')
    const rig = await watched()
    const { broadcast } = await rig.until(isOn)
    await rig.until((state) => state.broadcast.runs.length > broadcast.runs.length)
    await dark.kill()
    await stand('write')
    const viewer = reader(rig)
    await rig.until(isOn)
    const before = await viewer.segments()
    expect(await waitUntil(async () => (await viewer.segments()) > before + 2, WAIT_MS)).toBe(true)
    await end(rig)
  },
  TEST_MS,
)

test(
  'an engine that ends by itself, and calls that complete, is replaced',
  async () => {
    const exhausted = await stand('exhausted')
    const rig = await watched()
    const { broadcast } = await rig.until(isOn)
    await rig.until((state) => state.broadcast.runs.length > broadcast.runs.length)
    await exhausted.kill()
    await stand('write')
    const viewer = reader(rig)
    const before = await viewer.segments()
    expect(await waitUntil(async () => (await viewer.segments()) > before + 2, WAIT_MS)).toBe(true)
    expect(checkPlaylist(readMediaPlaylist(await viewer.text('main.m3u8')))).toEqual([])
    await end(rig)
  },
  TEST_MS,
)

test(
  'a class that ends while its engine still starts is over at once',
  async () => {
    const engine = await stand('write')
    const rig = await watched()
    expect(await waitUntil(async () => engine.started().length === 1, WAIT_MS)).toBe(true)
    await end(rig)
    expect(engine.started()).toHaveLength(1)
  },
  TEST_MS,
)

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EgressClient, EgressStatus, RoomServiceClient, SegmentedFileOutput } from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { newId } from '../../server/ids'
import { startLivekit, type TestLivekit } from '../support/livekit'
import { startRedisCluster, type TestCluster } from '../support/redis-cluster'
import { startWorker, type TestWorker } from '../support/worker'

const START_MS = 60_000
const TEST_MS = 60_000
const WAIT_MS = 30_000

let dir: string
let cluster: TestCluster
let livekit: TestLivekit
let worker: TestWorker

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'amphi-cluster-'))
  cluster = await startRedisCluster()
  livekit = await startLivekit(cluster.url)
  worker = await startWorker({ redisUrl: cluster.url, livekit, broadcastDir: dir })
}, START_MS)
afterAll(async () => {
  await worker?.stop()
  await livekit?.stop()
  await cluster?.stop()
  await rm(dir, { recursive: true, force: true })
}, START_MS)

test(
  'a worker serves livekit-server over a Redis Cluster, with its time',
  async () => {
    const http = livekit.url.replace('ws', 'http')
    const egress = new EgressClient(http, livekit.apiKey, livekit.apiSecret)
    const rooms = new RoomServiceClient(http, livekit.apiKey, livekit.apiSecret)
    // Topics of several egresses are on several nodes.
    for (let n = 0; n < 3; n++) {
      const classId = newId('cls')
      await rooms.createRoom({ name: classId })
      const runDir = join(dir, classId, newId('run'))
      const segments = new SegmentedFileOutput({
        filenamePrefix: join(runDir, 'seg'),
        playlistName: 'index.m3u8',
      })
      const { egressId } = await egress.startRoomCompositeEgress(classId, { segments })
      const isNow = (status: EgressStatus) => async () =>
        (await egress.listEgress({ egressId }))[0]?.status === status
      expect(await waitUntil(isNow(EgressStatus.EGRESS_ACTIVE), WAIT_MS)).toBe(true)
      const first = JSON.parse((await readFile(join(runDir, 'journal.ndjson'), 'utf8')).split('\n')[0] ?? '')
      expect(Math.abs(first.startedAt - Date.now())).toBeLessThan(WAIT_MS)
      await egress.stopEgress(egressId)
      expect(await waitUntil(isNow(EgressStatus.EGRESS_COMPLETE), WAIT_MS)).toBe(true)
    }
  },
  TEST_MS,
)

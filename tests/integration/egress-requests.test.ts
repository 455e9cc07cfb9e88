import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'
import { createEgresses, type EgressesDeps } from '../../egress/director/egresses'
import { parseConfig } from '../../server/config'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

type Call = { method: string; body: Record<string, unknown> }

/** Where LiveKit's API would be: keeps what it is asked, answers what it is told to. */
async function listenAsLivekit(answer: object) {
  const calls: Call[] = []
  const server = createServer(async (request, response) => {
    const method = request.url?.split('/').at(-1) ?? ''
    calls.push({ method, body: (await json(request)) as Call['body'] })
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

function ask(url: string, deps: Partial<EgressesDeps>) {
  const livekit = { url, apiKey: 'devkey', apiSecret: 'a-secret-for-tests-of-at-least-32-characters' }
  return createEgresses({
    livekit,
    broadcastDir: '/srv/amphi',
    requestMs: 20_000,
    segmentSeconds: 1,
    ...deps,
  })
}

const toPageUrl = (classId: string) => `https://class.example.org/composite/${classId}`

test('the official engine is asked for our page, and for segments of one second in the directory of the run', async () => {
  const { calls, url } = await listenAsLivekit({})
  expect(await ask(url, { toPageUrl }).start('cls_a', 'run_1')).toBe('accepted')
  expect(calls).toEqual([
    {
      method: 'StartRoomCompositeEgress',
      body: expect.objectContaining({
        roomName: 'cls_a',
        customBaseUrl: 'https://class.example.org/composite/cls_a',
        segmentOutputs: [
          {
            filenamePrefix: '/srv/amphi/cls_a/run_1/seg',
            playlistName: 'index.m3u8',
            livePlaylistName: 'live.m3u8',
            segmentDuration: 1,
            disableManifest: true,
          },
        ],
      }),
    },
  ])
})

test('BROADCAST_S3 reaches the engine whole, and names files as the bucket has them', async () => {
  const given = 'https://KEY:S%2FCRET%40@s3.example.org:9000/lessons?region=eu-central-1'
  const { s3 } = parseConfig({ BROADCAST_S3: given }).broadcast
  const request = {
    roomComposite: { roomName: 'cls_a', segmentOutputs: [{ filenamePrefix: 'cls_a/run_1/seg' }] },
  }
  const foreign = {
    roomComposite: { roomName: 'cls_a', segmentOutputs: [{ filenamePrefix: 'else/run_1/seg' }] },
  }
  const { calls, url } = await listenAsLivekit({
    items: [
      { egressId: 'EG_1', ...request },
      { egressId: 'EG_2', ...foreign },
    ],
  })
  const egresses = ask(url, { toPageUrl, s3 })
  await egresses.start('cls_a', 'run_1')
  expect(calls[0]?.body.segmentOutputs).toEqual([
    expect.objectContaining({
      filenamePrefix: 'cls_a/run_1/seg',
      s3: {
        accessKey: 'KEY',
        secret: 'S/CRET@',
        bucket: 'lessons',
        region: 'eu-central-1',
        endpoint: 'https://s3.example.org:9000',
        forcePathStyle: true,
      },
    }),
  ])
  expect(await egresses.listActive('cls_a')).toEqual([{ egressId: 'EG_1', runId: 'run_1' }])
})

test('our own engine is asked for what it writes and nothing else', async () => {
  const { calls, url } = await listenAsLivekit({})
  await ask(url, { segmentSeconds: 2 }).start('cls_a', 'run_1')
  expect(calls[0]?.body.segmentOutputs).toEqual([
    { filenamePrefix: '/srv/amphi/cls_a/run_1/seg', playlistName: 'index.m3u8', segmentDuration: 2 },
  ])
  expect(calls[0]?.body.customBaseUrl ?? '').toBe('')
})

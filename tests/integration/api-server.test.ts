import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitUntil } from '../../scripts/stack/wait-until'
import { createApi } from '../../server/http/api'
import { createOperations } from '../../server/http/operations'
import { call, createTestClass } from '../support/api'
import { startServer, type TestServer } from '../support/server'

const SOON_MS = 10_000

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

describe('what operators ask', () => {
  test('the server says that it is alive and ready', async () => {
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${server.url}/readyz`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      ready: true,
      dependencies: {
        redis: { up: true },
        database: { up: true },
        livekit: { up: true },
        origin: { up: true },
      },
    })
  })

  test('metrics are text for Prometheus', async () => {
    const answer = await fetch(`${server.url}/metrics`)
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    const text = await answer.text()
    expect(text).toMatch(/^amphi_redis_up 1$/m)
    expect(text).toMatch(/^amphi_http_answers_total\{status="2xx"\} \d+$/m)
  })

  test('a server without its Redis is alive, not ready, and says why', async () => {
    const lonely = await startServer()
    try {
      await lonely.redis.kill()
      const unready = async () => (await fetch(`${lonely.url}/readyz`)).status === 503
      expect(await waitUntil(unready, SOON_MS)).toBe(true)
      const answer = await fetch(`${lonely.url}/readyz`)
      expect(await answer.json()).toMatchObject({
        ready: false,
        dependencies: { redis: { up: false }, database: { up: true } },
      })
      expect((await fetch(`${lonely.url}/healthz`)).status).toBe(200)
      const join = await call(lonely, 'POST', '/classes', {
        token: 'the-admin-key-of-tests',
        body: { title: 'x' },
      })
      expect(join.status).toBe(503)
      expect(join.headers.get('retry-after')).toMatch(/^\d+$/)
    } finally {
      await lonely.stop()
    }
  })
})

describe('the broadcast behind the same address', () => {
  test('is asked of the origin without the prefix', async () => {
    const answer = await fetch(`${server.url}/hls/token/cls_1/index.m3u8?_HLS_msn=7`)
    expect(await answer.json()).toEqual({ path: '/token/cls_1/index.m3u8?_HLS_msn=7' })
  })

  describe('and an origin that holds its answers', () => {
    let origin: Server
    let streaming: TestServer
    const open = new Set<string>()
    beforeAll(async () => {
      origin = createServer((request, response) => {
        const path = request.url ?? ''
        open.add(path)
        response.on('close', () => open.delete(path))
        response.writeHead(200, { 'Content-Type': 'text/plain' })
        response.write('first')
      }).listen(0, '127.0.0.1')
      await once(origin, 'listening')
      streaming = await startServer({ ORIGIN_PORT: String((origin.address() as AddressInfo).port) })
    })
    afterAll(async () => {
      origin.closeAllConnections()
      origin.close()
      await streaming.stop()
    })

    test('passes bytes on as they come, and goes away with the viewer', async () => {
      const leaving = new AbortController()
      const answer = await fetch(`${streaming.url}/hls/held`, { signal: leaving.signal })
      const chunk = await answer.body?.getReader().read()
      expect(Buffer.from(chunk?.value ?? '').toString()).toBe('first')
      expect(open.has('/held')).toBe(true)
      leaving.abort()
      expect(await waitUntil(async () => !open.has('/held'), SOON_MS)).toBe(true)
    })
  })

  test('an origin that is away is a bad gateway, not a fault', async () => {
    const alone = await startServer({ ORIGIN_PORT: '1' })
    try {
      expect((await fetch(`${alone.url}/hls/token/cls_1/index.m3u8`)).status).toBe(502)
    } finally {
      await alone.stop()
    }
  })
})

describe('LiveKit behind the same address', () => {
  test('takes what people ask of it, without the prefix', async () => {
    expect(await (await fetch(`${server.url}/livekit/rtc/validate?x=1`)).json()).toEqual({
      path: '/rtc/validate?x=1',
    })
  })

  test('does not show its server API', async () => {
    const path = '/twirp/livekit.RoomService/DeleteRoom'
    const answer = await fetch(`${server.url}/livekit${path}`, { method: 'POST' })
    expect(answer.status).toBe(404)
    expect(server.upstream.paths).not.toContain(path)
  })

  test('webhooks without a good signature are refused', async () => {
    const answer = await fetch(`${server.url}/webhooks/livekit`, {
      method: 'POST',
      body: '{"event":"room_started"}',
    })
    expect(answer.status).toBe(401)
  })
})

describe('websockets', () => {
  async function upgrade(path: string): Promise<string> {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
      socket.end()
    })
    await once(socket, 'close')
    return text.split('\r\n')[0] ?? ''
  }

  test('of the gateway are opened, of nobody cut off', async () => {
    expect(await upgrade('/gateway/?EIO=4&transport=websocket')).toBe('HTTP/1.1 101 Switching Protocols')
    expect(await upgrade('/')).toBe('')
    expect(await upgrade('/livekit/twirp')).toBe('')
    expect(await upgrade('/gatewayx')).toBe('')
  })
})

test('pages may talk to ourselves only, and keep tokens in their URLs from others', async () => {
  const { headers } = await fetch(`${server.url}/api/v1/openapi.json`)
  const policy = headers.get('content-security-policy')
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toMatch(/script-src 'self' 'nonce-[\w+/=]+';/)
  expect(policy).toContain(`connect-src 'self' ${server.url.replace('http', 'ws')}`)
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('x-powered-by')).toBeNull()
})

test('pages, which hold tokens, stay out of caches', async () => {
  for (const path of ['/', '/classes/cls_1?as=per_1']) {
    expect((await fetch(`${server.url}${path}`)).headers.get('cache-control'), path).toBe('no-store')
  }
})

describe('the OpenAPI document', () => {
  type Layer = { route?: { path: string; methods: Record<string, boolean> } }
  type Document = { openapi: string; paths: Record<string, Record<string, { responses: object }>> }

  test('describes every route, and only those', async () => {
    const document = (await call(server, 'GET', '/openapi.json')).body as Document
    expect(document.openapi).toBe('3.1.0')
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const unused = {} as never
    const api = createApi({
      operations: createOperations(unused),
      callers: unused,
      logs: unused,
      logger: unused,
      publicUrl: server.url,
    })
    const routed = (api.stack as Layer[]).flatMap(({ route }) =>
      route
        ? Object.keys(route.methods).map(
            (method) => `${method} /api/v1${route.path.replace(/:(\w+)/g, '{$1}')}`,
          )
        : [],
    )
    expect(described.sort()).toEqual(routed.filter((route) => !route.endsWith('/openapi.json')).sort())
    expect(described.length).toBeGreaterThan(10)
  })

  test('knows what calls answer with', async () => {
    const aClass = await createTestClass(server)
    const document = (await call(server, 'GET', '/openapi.json')).body as Document
    expect(Object.keys(document.paths['/api/v1/classes']?.post?.responses ?? {})).toContain('201')
    expect(aClass.id).toMatch(/^cls_/)
  })
})

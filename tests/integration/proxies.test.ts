import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createProxies, type Proxies } from '../../server/http/proxies'
import { routeUpgrades } from '../../server/http/upgrades'
import { createLogger } from '../../server/logger'

let upstream: Server
let front: Server
let proxies: Proxies
let asked: { line: string; headers: IncomingHttpHeaders }[] = []

const portOf = (server: Server) => (server.address() as AddressInfo).port

beforeAll(async () => {
  upstream = createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    request.resume()
    response.end('upstream')
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const url = `http://127.0.0.1:${portOf(upstream)}`
  proxies = createProxies({ originUrl: url, livekitUrl: url }, createLogger({ logLevel: 'silent' }))
  const app = express().use('/hls', proxies.hls).use('/livekit', proxies.livekit)
  front = createServer(app).listen(0, '127.0.0.1')
  routeUpgrades(front, proxies, () => false)
  await once(front, 'listening')
})
afterAll(async () => {
  proxies.close()
  for (const server of [front, upstream]) {
    server.closeAllConnections()
    server.close()
  }
})
beforeEach(() => {
  asked = []
})

/** Byte for byte: `fetch` would tidy up first. The answer's status line, '' if the connection was cut. */
async function send(requestLine: string, headers: string[], body = ''): Promise<string> {
  const socket = connect(portOf(front), '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  const lines = [`${requestLine} HTTP/1.1`, 'Host: class.example.org', 'Connection: close', ...headers]
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  await once(socket, 'close')
  return text.split('\r\n')[0] ?? ''
}

test('no way round leads to the server API of LiveKit', async () => {
  const api = 'twirp/livekit.RoomService/DeleteRoom'
  for (const path of [
    `/livekit/${api}`,
    `/livekit/rtc/../${api}`,
    `/livekit/rtc/%2e%2e/${api}`,
    `/livekit/rtc/..%2f${api}`,
    `/livekit/settings/..\\${api}`,
    `/livekit/rtc//${api}`,
    `/livekit//${api}`,
  ]) {
    expect(await send(`POST ${path}`, ['Content-Length: 0']), path).toBe('HTTP/1.1 404 Not Found')
  }
  expect(asked).toEqual([])
})

test('what clients of LiveKit ask for is passed on', async () => {
  for (const path of [
    '/rtc?access_token=a.b.c',
    '/rtc/validate',
    '/rtc/v1/validate?x=..%2f',
    '/settings/regions',
  ]) {
    expect(await send(`GET /livekit${path}`, [])).toBe('HTTP/1.1 200 OK')
    expect(asked.at(-1)?.line).toBe(`GET ${path}`)
  }
})

test('a body is not passed on, so no second request hides in it', async () => {
  const hidden = 'POST /twirp/livekit.RoomService/DeleteRoom HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
  const chunked = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
  for (const path of ['/livekit/rtc', '/hls/token/cls_1/index.m3u8']) {
    for (const method of ['OPTIONS', 'DELETE', 'GET', 'POST']) {
      const status = await send(`${method} ${path}`, ['Transfer-Encoding: chunked'], chunked)
      expect(status, `${method} ${path}`).toBe('HTTP/1.1 400 Bad Request')
    }
  }
  const upgrade = ['Upgrade: websocket', 'Content-Length: 9']
  expect(await send('GET /livekit/rtc', ['Connection: Upgrade', ...upgrade])).toBe('')
  expect(asked).toEqual([])
})

test('the cookies of our people stay here', async () => {
  await send('GET /livekit/rtc/validate', ['Cookie: amphi.per_1=a.b.c'])
  await send('GET /hls/token/cls_1/index.m3u8', ['Cookie: amphi.per_1=a.b.c'])
  expect(asked).toHaveLength(2)
  for (const { headers } of asked) expect(headers).not.toHaveProperty('cookie')
})

test('an upgrade that nobody answers is cut off', async () => {
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket']
  expect(await send('GET /gateway?EIO=4&transport=websocket', upgrade)).toBe('')
  expect(await send('GET /livekit/rtc/../twirp', upgrade)).toBe('')
})

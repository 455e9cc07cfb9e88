import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { WebSocket } from 'ws'

/** Where hostile clients go, and with what in their hands: an `auth` that is good for one person of a class. */
export type Target = { port: number; auth(): Promise<object> }

const UPGRADE = '/gateway/?EIO=4&transport=websocket'
/** More than a burst. */
const FRAMES_AT_ONCE = 600

/** One hostile connection, from its beginning until it is over, or the server has had time to show patience. */
export type Attack = (target: Target) => Promise<void>

/** For whoever is neither answered nor closed: they have had their chance. */
const PATIENCE_MS = 50

function open({ port }: Target): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${UPGRADE}`, { perMessageDeflate: false })
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.on('open', () => resolve(socket))
    socket.on('close', () => resolve(socket))
  })
}

async function enter(target: Target): Promise<WebSocket> {
  const socket = await open(target)
  send(socket, `40${JSON.stringify(await target.auth())}`)
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => /^4[04]/.test(String(data)) && resolve())
    socket.on('close', () => resolve())
    if (socket.readyState !== WebSocket.OPEN) resolve()
  })
  return socket
}

function send(socket: WebSocket, data: string | Buffer) {
  if (socket.readyState === WebSocket.OPEN) socket.send(data)
}

/** Until the server closes, or long enough. */
async function leave(socket: WebSocket, patienceMs = PATIENCE_MS): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return
  const timer = setTimeout(() => socket.terminate(), patienceMs)
  await new Promise((resolve) => socket.once('close', resolve))
  clearTimeout(timer)
}

/** Sends something once it is in. */
const saying =
  (...packets: (string | Buffer)[]): Attack =>
  async (target) => {
    const socket = await enter(target)
    for (const packet of packets) send(socket, packet)
    await leave(socket)
  }

/** Sends something before it is in. */
const greeting =
  (...packets: (string | Buffer)[]): Attack =>
  async (target) => {
    const socket = await open(target)
    for (const packet of packets) send(socket, packet)
    await leave(socket)
  }

const event = (name: string, payload: string) => `421["${name}",${payload}]`
const id = () => randomUUID()
const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

export const attacks: Record<string, Attack> = {
  'half an HTTP request': ({ port }) =>
    new Promise((resolve) => {
      const net = connect(port, '127.0.0.1', () => net.write('GET /gateway/?EIO=4&transport=websocket HTT'))
      net.on('error', () => {})
      net.on('close', () => resolve())
      setTimeout(() => net.destroy(), PATIENCE_MS)
    }),
  'half a handshake': greeting(),
  'a handshake that is no JSON': greeting('40{"token":'),
  'a handshake without a token': greeting('40{"protocol":1}'),
  'a handshake with polluting keys': greeting(
    '40{"__proto__":{"token":"x"},"constructor":{"prototype":{}},"token":"x","protocol":1}',
  ),
  'a deep handshake': greeting(`40{"token":${deep(30_000)},"protocol":1}`),
  'a token that nobody signed': greeting(
    `40{"token":"eyJhbGciOiJub25lIn0.${'x'.repeat(1500)}.","protocol":1}`,
  ),
  'events before the handshake': greeting(event('chat:send', '{"text":"x"}')),
  'many namespaces': greeting(...Array.from({ length: 300 }, (_, i) => `40/space-${i},{}`)),
  'an unknown command': saying(...Array.from({ length: 30 }, () => event(`no:${id()}`, '{}'))),
  'a wrong payload': saying(event('chat:send', '{"id":1,"text":{"$ne":null}}'), event('chat:send', '[]')),
  'polluting keys': saying(
    event('chat:send', `{"id":"${id()}","text":"x","__proto__":{"polluted":true}}`),
    event('__proto__', '{}'),
    event('constructor', '{"prototype":{"polluted":true}}'),
    event('screen:show', `{"id":"${id()}","text":"x","language":"en","translations":{"__proto__":"x"}}`),
  ),
  'deep JSON': saying(event('chat:send', `{"id":"${id()}","text":${deep(30_000)}}`)),
  'deeper JSON than fits': saying(event('chat:send', `{"id":"${id()}","text":${deep(100_000)}}`)),
  'a frame of 1 MB': saying(event('chat:send', `{"id":"${id()}","text":"${'x'.repeat(1_000_000)}"}`)),
  'binary announcements': saying('451-["chat:send",{"_placeholder":true,"num":0}]', '459999-["x"]'),
  'binary frames': saying(Buffer.alloc(60_000)),
  'packets of no kind': saying('9', '4', '49', '2probe', '\u0000'),
  'acknowledgements nobody asked for': saying(...Array.from({ length: 300 }, (_, i) => `43${i}[{}]`)),
  'a flood of commands': async (target) => {
    const socket = await enter(target)
    for (let i = 0; i < FRAMES_AT_ONCE; i++) send(socket, event('chat:send', `{"id":"${id()}","text":"x"}`))
    await leave(socket, 5_000)
  },
  'a flood of pings': async (target) => {
    const socket = await enter(target)
    for (let i = 0; i < FRAMES_AT_ONCE && socket.readyState === WebSocket.OPEN; i++) socket.ping()
    await leave(socket, 5_000)
  },
  'a flood of resumes': saying(...Array.from({ length: 100 }, () => event('resume', '{"epoch":1,"seq":0}'))),
  'a message in a thousand pieces': async (target) => {
    const socket = await enter(target)
    for (let i = 0; i < 1000 && socket.readyState === WebSocket.OPEN; i++) socket.send('x', { fin: false })
    await leave(socket)
  },
  'nothing read at all': async (target) => {
    const socket = await enter(target)
    socket.pause()
    for (let i = 0; i < 30; i++) send(socket, event('resume', '{"epoch":1,"seq":0}'))
    await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))
    socket.terminate()
  },
}

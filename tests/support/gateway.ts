import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import type { Actor, Command } from '../../server/classroom/commands'
import { evolveView } from '../../server/classroom/evolve-view'
import type { Role } from '../../server/classroom/people'
import { type ClassSettings, defaultSettings } from '../../server/classroom/settings'
import type { ClassView } from '../../server/classroom/view'
import { newId } from '../../server/ids'
import {
  type ClassLogs,
  createClassLogs,
  type FactArchive,
  type Logger,
  type Outcome,
} from '../../server/log/class-logs'
import { createTokens } from '../../server/people/tokens'
import type {
  Ack,
  CountsFrame,
  FactsFrame,
  Position,
  SnapshotFrame,
  YouFrame,
} from '../../server/protocol/events'
import { createGateway, type Gateway } from '../../server/socket/gateway'
import type { PresenceLimits } from '../../server/socket/presence-ledger'

const WAIT_MS = 10_000

/** Keeps nothing: Redis has it all for as long as a test takes. */
const archive: FactArchive = {
  findPosition: async () => null,
  appendFacts: async () => true,
  saveCheckpoint: async () => {},
  loadCheckpoint: async () => null,
  loadFacts: async () => [],
  loadEpochs: async () => [],
  settle: async () => true,
  isSettled: async () => false,
  erasures: { add: async () => {}, list: async () => [], carryOut: async () => {} },
}

/** The log as one process sees it; two of them on one Redis are two processes. */
export function startLogs(redisUrl: string): Promise<ClassLogs> {
  const silent = () => {}
  const logger: Logger = { debug: silent, info: silent, warn: silent, error: silent }
  return createClassLogs({ redisUrl, archive, logger, newId })
}

export type TestGateway = {
  url: string
  logs: ClassLogs
  gateway: Gateway
  /** Errors and warnings it logged. */
  complaints: unknown[]
  token(classId: string, personId: string, lifetimeMs?: number): Promise<string>
  stop(): Promise<void>
}

/** A gateway on a port of its own over the given logs; access tokens are made up. */
export async function startGateway(
  logs: ClassLogs,
  options: { presenceLimits?: PresenceLimits; origins?: string[] } = {},
): Promise<TestGateway> {
  const httpServer = createServer()
  httpServer.listen(0, '127.0.0.1')
  await once(httpServer, 'listening')
  const { port } = httpServer.address() as AddressInfo
  const tokens = createTokens(['test-secret'], () => logs.now())
  const complaints: unknown[] = []
  const complain = (fields: object, message: string) => void complaints.push({ message, ...fields })
  const logger: Logger = { debug: () => {}, info: () => {}, warn: complain, error: complain }
  const gateway = createGateway({
    httpServer,
    logs,
    tokens,
    access: {
      async forPerson(_state, you) {
        const livekit = you.connect ? { livekit: { url: 'ws://livekit', token: 'livekit-token' } } : {}
        return { ...livekit, ...this.forViewer(_state, you) }
      },
      forViewer: (_state, you) =>
        you.watch ? { broadcast: { playlistUrl: 'http://origin/index.m3u8' } } : {},
    },
    toReachable: (url, host) => url.replace('livekit', host ?? ''),
    origins: options.origins ?? [],
    logger,
    presenceLimits: options.presenceLimits,
  })
  return {
    url: `http://127.0.0.1:${port}`,
    logs,
    gateway,
    complaints,
    token: async (cls, sub, lifetimeMs) =>
      tokens.signGateway({ cls, sub, role: 'student', ver: 0 }, lifetimeMs),
    async stop() {
      gateway.close()
      httpServer.closeAllConnections()
      httpServer.close()
    },
  }
}

export async function submit(
  logs: ClassLogs,
  classId: string,
  by: Actor,
  command: Command,
): Promise<Outcome & { ok: true }> {
  const outcome = await logs.submit(classId, { id: randomUUID(), by, command })
  if (!outcome.ok) throw new Error(`${command.name}: ${JSON.stringify(outcome)}`)
  return outcome
}

/** A live class with one teacher, `per_teacher`. */
export async function createClass(logs: ClassLogs, settings: Partial<ClassSettings> = {}): Promise<string> {
  const classId = `cls_${randomUUID().slice(0, 8)}`
  const command: Command = {
    name: 'class:create',
    orgId: 'org_test',
    title: 'Algebra',
    code: classId.slice(4).toUpperCase(),
    settings: { ...defaultSettings, ...settings },
  }
  const outcome = await logs.create(classId, { id: randomUUID(), by: { kind: 'system' }, command })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  await addPerson(logs, classId, 'per_teacher', 'teacher')
  await submit(logs, classId, { kind: 'person', personId: 'per_teacher' }, { name: 'class:start' })
  return classId
}

export async function addPerson(
  logs: ClassLogs,
  classId: string,
  personId: string,
  role: Role = 'student',
  language = 'en',
) {
  const register: Command = {
    name: 'person:register',
    personId,
    displayName: `Name of ${personId}`,
    role,
    language,
  }
  await submit(logs, classId, { kind: 'system' }, register)
  await submit(logs, classId, { kind: 'person', personId }, { name: 'person:join' })
}

export type Client = {
  socket: Socket
  /** Every frame, in the order of arrival. */
  frames: { event: string; payload: unknown }[]
  view: ClassView | null
  position: Position | null
  you: YouFrame | null
  counts: CountsFrame | null
  /** Holes seen in the numbering: never any. */
  holes: string[]
  snapshots: number
  facts: FactsFrame['facts']
  byes: { code: string; retryable: boolean; retryAfterMs?: number }[]
  send(name: string, payload?: object, id?: string): Promise<Ack>
  until(what: (client: Client) => boolean): Promise<void>
  close(): void
}

/** A client that keeps the class as a page does, and notes everything that breaks the protocol. */
export function connectClient(url: string, auth: unknown, options: object = {}): Client {
  const socket = io(url, {
    path: '/gateway',
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth: auth as object,
    ...options,
  })
  const waiting = new Set<() => void>()
  const client: Client = {
    socket,
    frames: [],
    view: null,
    position: (auth as { resume?: Position })?.resume ?? null,
    you: null,
    counts: null,
    holes: [],
    snapshots: 0,
    facts: [],
    byes: [],
    send: (name, payload = {}, id = randomUUID()) =>
      socket.timeout(WAIT_MS).emitWithAck(name, { id, ...payload }),
    until(what) {
      if (what(client)) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look)
          const frames = JSON.stringify(client.frames.slice(-10)).slice(0, 2000)
          reject(new Error(`not within ${WAIT_MS} ms: ${what}\nlast frames: ${frames}`))
        }, WAIT_MS)
        const look = () => {
          if (!what(client)) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
      })
    },
    close: () => void socket.disconnect(),
  }
  const look = () => {
    for (const one of [...waiting]) one()
  }
  socket.onAny((event: string, payload: unknown) => {
    client.frames.push({ event, payload })
    receive(client, event, payload)
    look()
  })
  socket.on('disconnect', look)
  return client
}

function receive(client: Client, event: string, payload: unknown) {
  switch (event) {
    case 'snapshot': {
      const { epoch, seq, class: view } = payload as SnapshotFrame
      client.position = { epoch, seq }
      client.view = view
      client.snapshots += 1
      return
    }
    case 'facts': {
      const { after, seq, facts } = payload as FactsFrame
      if (after !== client.position?.seq) client.holes.push(`${client.position?.seq} then ${after}`)
      client.position = { epoch: client.position?.epoch ?? 0, seq }
      client.facts.push(...facts)
      if (client.view) client.view = facts.reduce<ClassView>(evolveView, client.view)
      return
    }
    case 'you':
      client.you = payload as YouFrame
      return
    case 'counts':
      client.counts = payload as CountsFrame
      return
    case 'bye':
      client.byes.push(payload as Client['byes'][number])
  }
}

/** Resolves with what the refused handshake said. */
export async function refusalOf(client: Client): Promise<{ code: string; retryable: boolean }> {
  const error = await new Promise<Error & { data?: { code: string; retryable: boolean } }>((resolve) => {
    client.socket.once('connect_error', resolve)
    client.socket.once('connect', () => resolve(new Error('connected')))
  })
  client.close()
  return error.data ?? { code: error.message, retryable: false }
}

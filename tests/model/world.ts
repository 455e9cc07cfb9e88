import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createPool, type Db } from '../../db/pool'
import { createServerEnvironment, type ServerEnvironment } from '../support/server'
import type { Action } from './actions'
import { createClassroom, type Person } from './classroom'
import { findGap, judgeLog, type Sent } from './laws'
import { type Move, toMaking } from './moves'
import { RedisOnDisk } from './redis-on-disk'
import { ServerProcesses } from './server-processes'
import { readStory, type Story } from './story'

/** A lease, a restart and a recovery that waits for others take three seconds on a busy machine. */
const SETTLE_MS = 25_000
const LOOK_MS = 15
/** What ends a device's stay in good order. */
const GOOD_ENDS = ['left', 'gone', 'stopped', 'removed', 'not begun']

/** Stores and server processes that outlive many classes, each a run of the model. */
export class World {
  readonly #environment: ServerEnvironment
  readonly #redis: RedisOnDisk
  readonly #servers: ServerProcesses
  readonly #raw: Redis
  readonly #db: Db
  readonly #size: number
  #people: Person[] = []
  #classId = ''
  #story: Story | null = null
  /** Steps, commands and resumes so far: what a run was worth. */
  readonly done = { steps: 0, commands: 0, resumes: 0, epochs: 0, byKind: {} as Record<string, number> }

  private constructor(environment: ServerEnvironment, redis: RedisOnDisk, size: number) {
    this.#environment = environment
    this.#redis = redis
    this.#size = size
    this.#servers = new ServerProcesses({ ...environment.env, REDIS_URL: redis.url })
    this.#raw = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 })
    this.#raw.on('error', () => {})
    this.#db = createPool(environment.databaseUrl, () => {})
  }

  static async start(processes: number): Promise<World> {
    const [environment, redis] = await Promise.all([createServerEnvironment(), RedisOnDisk.start()])
    const world = new World(environment, redis, processes)
    await world.#fill()
    return world
  }

  /** A new class; what went before is left behind. */
  async begin(): Promise<void> {
    this.#leave()
    await this.#fill()
    const { classId, people } = await createClassroom(() => this.#servers.open)
    this.#classId = classId
    this.#people = people
    this.#story = null
    const problems = await this.#settle([], false)
    if (problems.length > 0) throw new Error(`a new class is not as it should be:\n${problems.join('\n')}`)
  }

  /** Does what the action says and waits until everybody has seen it. Returns the laws that are broken. */
  async step(action: Action): Promise<string[]> {
    this.#bringBack()
    const kept = await this.#redis.keep()
    const sending = this.#sendAll(action)
    await wait(action.delayMs)
    const after = await this.#befall(action, kept)
    const sent = await sending
    after?.()
    await this.#fill()
    this.done.steps += 1
    this.done.commands += sent.length
    this.done.byKind[action.kind] = (this.done.byKind[action.kind] ?? 0) + 1
    return this.#settle(sent, action.kind === 'power')
  }

  async stop(): Promise<void> {
    this.#leave()
    await this.#servers.stop()
    this.#raw.disconnect()
    await this.#db.end()
    await this.#redis.stop()
    await this.#environment.stop()
  }

  get #devices() {
    return this.#people.flatMap(({ personId, devices }) => devices.map((device) => ({ personId, device })))
  }

  #leave() {
    for (const { device } of this.#devices) {
      this.done.resumes += device.resumes
      device.stop()
    }
    this.done.epochs += (this.#story?.head.epoch ?? 1) - 1
  }

  async #fill() {
    const missing = this.#size - this.#servers.open.length
    await Promise.all(Array.from({ length: missing }, () => this.#servers.start()))
  }

  /** Who left in the step before comes again. */
  #bringBack() {
    for (const { device } of this.#devices) device.start()
  }

  /** Something to be done when the commands have been answered. */
  async #befall(action: Action, kept: { files: string }): Promise<(() => void) | undefined> {
    const { open } = this.#servers
    const server = open[action.which % open.length]
    const device = this.#devices[action.which % this.#devices.length]?.device
    switch (action.kind) {
      case 'talk':
        return
      case 'cut':
        device?.cut()
        return
      case 'pause':
        return device?.pause()
      case 'kill':
        if (server) await this.#servers.kill(server)
        await this.#fill()
        return
      case 'drain': {
        const drained = server && this.#servers.drain(server)
        await Promise.all([drained, this.#fill()])
        return
      }
      case 'redis':
        await this.#redis.restart(action.disk === 'older' ? kept : action.disk)
        return
      case 'power':
        await Promise.all(open.map((one) => this.#servers.kill(one)))
        await this.#redis.restart(kept)
        await this.#fill()
        return
    }
  }

  #sendAll(action: Action): Promise<Sent[]> {
    return Promise.all(action.moves.map((move) => this.#send(action, move)))
  }

  async #send(action: Action, move: Move): Promise<Sent> {
    const people = this.#people.map(({ personId }) => personId)
    if (!this.#story) throw new Error('the class has not begun')
    const { personId, command } = toMaking(this.#story.state, people, move)
    const id = randomUUID()
    const { name, ...payload } = command
    const paused = action.kind === 'pause' ? action.which % this.#devices.length : -1
    const own = this.#devices
      .map((one, i) => ({ ...one, i }))
      .filter((one) => one.personId === personId && one.i !== paused)
      .map(({ device }) => device)
    const first = own[move.other % own.length]
    if (!first) return { personId, id, command, verdicts: [] }
    const senders = move.twice ? own : [first]
    const verdicts = await Promise.all(senders.map((device) => device.send(name, payload, id)))
    if (move.again) verdicts.push(await (own.at(-1) ?? first).send(name, payload, id))
    return { personId, id, command, verdicts }
  }

  async #settle(sent: Sent[], mayLose: boolean): Promise<string[]> {
    const startedAt = Date.now()
    let gaps: string[] = []
    while (Date.now() - startedAt < SETTLE_MS) {
      const telling = await readStory(this.#raw, this.#db, this.#classId)
      gaps = 'unlike' in telling ? [telling.unlike] : this.#findGaps(telling.story)
      if (gaps.length === 0 && 'story' in telling) return this.#judge(telling.story, sent, mayLose)
      await wait(LOOK_MS)
    }
    return [...gaps, ...this.#faults()]
  }

  #findGaps(story: Story): string[] {
    return this.#devices.flatMap(({ device, personId }) => findGap(device, personId, story) ?? [])
  }

  #judge(story: Story, sent: Sent[], mayLose: boolean): string[] {
    const was = this.#story
    this.#story = story
    return [...(was ? judgeLog(was, story, sent, mayLose) : []), ...this.#faults()]
  }

  #faults(): string[] {
    const ends = this.#devices.flatMap(({ device: { name, over } }) =>
      over && !GOOD_ENDS.includes(over) ? [`${name} was sent away: ${over}`] : [],
    )
    return [
      ...this.#servers.faults.splice(0),
      ...this.#devices.flatMap(({ device }) => device.faults.splice(0)),
      ...ends,
    ]
  }
}

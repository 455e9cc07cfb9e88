import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Redis from 'ioredis'
import { detectMachine, hasProgram } from '../../scripts/setup/machine'
import { systemPackages } from '../../scripts/setup/packages'
import { createTokens } from '../../server/people/tokens'
import { keysOf, openClassesKey } from '../../server/redis/names'
import { type ServerProcess, startServerProcess } from '../load/child'
import { type Nginx, startNginx } from '../support/nginx'
import { startRedis } from '../support/redis'

/** What is measured has the first core to itself, what measures it the second. */
const SERVER_CORE = '0'
export const CLIENT_CORE = '1'

const PARTS = 9
const CLASS_ID = 'cls_bench'
const RUN_ID = 'run_bench'

/** A part by its place in the run. */
export type Place = { segment: number; part: number }

export type OriginBench = {
  /** Files here are served by `nginx` as they are. */
  staticDir: string
  origin: ServerProcess
  originUrl: string
  nginx: Nginx
  nginxUrl: string
  /** `/TOKEN/CLASS/`, to be put before names. */
  pathFor(personId: string): string
  segmentName(number: number): string
  segmentFile(number: number): string
  /** Adds a part to every variant; bytes first, then the lines. */
  writePart(): void
  /** What `writePart` writes next. */
  next(): Place
  count(pattern: RegExp): Promise<number>
  stop(): Promise<void>
}

/** The origin of one class whose run has `segments` of `bytes` each, and an nginx, both on the server's core. */
export async function startOriginBench(
  segments: number,
  bytes: number,
  toNginx: (origin: string, port: number, dir: string) => string,
): Promise<OriginBench> {
  const secret = randomBytes(32).toString('hex')
  const dir = mkdtempSync(join(tmpdir(), 'amphi-bench-'))
  const staticDir = join(dir, 'static')
  mkdirSync(staticDir)
  const redis = await startRedis()
  const writer = createWriter(dir, bytes)
  for (let part = 0; part < segments * PARTS; part++) writer.writePart()
  const client = new Redis(redis.url)
  const plan = { classId: CLASS_ID, ended: false, recorded: true, runs: [{ runId: RUN_ID, base: 0 }] }
  await client.sadd(openClassesKey, CLASS_ID)
  await client.set(keysOf(CLASS_ID).plan, JSON.stringify(plan))
  const env = { REDIS_URL: redis.url, BROADCAST_DIR: dir, SECRET_KEYS: secret }
  const origin = await startServerProcess('origin-process.ts', env)
  pin(origin.pid, SERVER_CORE)
  const originUrl = `http://127.0.0.1:${origin.port}`
  const nginx = await startNginx((port, own) =>
    `${toNginx(originUrl, port, own)}`.replace('STATIC', staticDir),
  )
  for (const worker of workersOf(nginx)) pin(worker, SERVER_CORE)
  const tokens = createTokens([secret], Date.now)
  const pathFor = (personId: string) =>
    `/${tokens.signWatch({ cls: CLASS_ID, sub: personId, ver: 0 })}/${CLASS_ID}/`
  await untilStarted(`${originUrl}${pathFor('per_0')}index.m3u8`)
  return {
    staticDir,
    origin,
    originUrl,
    nginx,
    nginxUrl: `http://127.0.0.1:${nginx.port}`,
    pathFor,
    segmentName: (number) => `${RUN_ID}/main-${number}.m4s`,
    segmentFile: (number) => join(dir, CLASS_ID, RUN_ID, `main-${number}.m4s`),
    ...writer,
    async count(pattern) {
      return Number(pattern.exec(await (await fetch(`${originUrl}/metrics`)).text())?.[1] ?? 0)
    },
    async stop() {
      await nginx.stop()
      await origin.stop()
      client.disconnect()
      await redis.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export function workersOf({ pid }: Nginx): number[] {
  return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(Number)
}

function createWriter(root: string, bytes: number) {
  const dir = join(root, CLASS_ID, RUN_ID)
  mkdirSync(dir, { recursive: true })
  const journal = join(dir, 'journal.ndjson')
  const put = (...lines: object[]) =>
    appendFileSync(journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  put({ t: 'run', v: 1, runId: RUN_ID })
  for (const variant of ['main', 'audio']) {
    const picture = variant === 'main' ? { width: 1280, height: 720, frameRate: 30 } : {}
    const codecs = variant === 'main' ? 'avc1.42c01f,mp4a.40.2' : 'mp4a.40.2'
    const file = `${variant}-init-0.mp4`
    writeFileSync(join(dir, file), randomBytes(700))
    put({ t: 'init', variant, init: 0, file, size: 700, codecs, ...picture })
  }
  const size = Math.floor(bytes / PARTS)
  const content = randomBytes(size)
  const startedAt = Date.now()
  let written = 0
  const next = (): Place => ({ segment: Math.floor(written / PARTS), part: written % PARTS })
  function writePart() {
    const { segment, part } = next()
    written += 1
    const duration = part === PARTS - 1 ? 0.13333 : 0.23333
    const pdt = startedAt + segment * 2000 + part * 233.33
    for (const variant of ['main', 'audio']) {
      const file = `${variant}-${segment}.m4s`
      appendFileSync(join(dir, file), content)
      const head = part === 0 ? { init: 0, discontinuity: false } : {}
      const place = { segment, part, file, offset: part * size, size, duration, independent: part === 0, pdt }
      const whole = { t: 'segment', variant, segment, duration: 1.99997, size: size * PARTS }
      put({ t: 'part', variant, ...place, ...head }, ...(part === PARTS - 1 ? [whole] : []))
    }
  }
  return { writePart, next }
}

/** All threads of a process to one core. */
function pin(pid: number, core: string) {
  execFileSync('taskset', ['-acp', core, String(pid)], { stdio: 'ignore' })
}

async function untilStarted(url: string) {
  while ((await fetch(url)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 100))
}

export type Load = { perSecond: number; bytesPerSecond: number; p99Ms: number; failed: number }

/** wrk (Debian's), one thread on the client's core, over connections that stay open. */
export async function load(url: string, connections: number, seconds: number): Promise<Load> {
  const machine = detectMachine()
  const wrk = { what: 'wrk', packages: ['wrk'], isThere: () => hasProgram(machine, 'wrk') }
  const step = systemPackages([wrk])
  if (!step.isDone(machine)) await step.run(machine)
  const args = ['-c', CLIENT_CORE, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url]
  const text = execFileSync('taskset', args, { encoding: 'utf8' })
  const requests = Number(/(\d+) requests in/.exec(text)?.[1])
  const took = Number(/requests in ([\d.]+)s/.exec(text)?.[1])
  return {
    perSecond: requests / took,
    bytesPerSecond:
      toNumber(/, ([\d.]+)([KMGT]?)B read/.exec(text), {
        '': 1,
        K: 2 ** 10,
        M: 2 ** 20,
        G: 2 ** 30,
        T: 2 ** 40,
      }) / took,
    p99Ms: toNumber(/99%\s+([\d.]+)(us|ms|s)/.exec(text), { us: 0.001, ms: 1, s: 1000 }),
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
  }
}

function toNumber(match: RegExpExecArray | null, units: Record<string, number>): number {
  return Number(match?.[1]) * (units[match?.[2] ?? ''] ?? Number.NaN)
}

/** CPU time that a single process has used, s. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number)
  return ((fields[11] ?? 0) + (fields[12] ?? 0)) / 100
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buildGo } from '../load/build-go'
import { CLIENT_CORE, cpuOf, type OriginBench, startOriginBench } from './origin-rig'
import { quantile, report } from './report'

/**
 * Thousands who wait for one part: how long after it is written they have the playlist; beside them as many behind nginx,
 * which sends each request on (as the shipped configuration does), or lets one ask for all (its proxy cache).
 */
const HELD = Number(process.env.BENCH_HELD ?? 4000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const GATE_MS = 200

type Answers = { atMicros: number[]; statuses: Record<string, number>; bytes: number; failed: number }

const THROUGH = '/through'
const toNginx = (origin: string, port: number, dir: string) => `
  proxy_cache_path ${dir}/cache keys_zone=hls:16m;
  upstream origin { server ${new URL(origin).host}; keepalive 512; }
  server { listen 127.0.0.1:${port} backlog=4096; proxy_http_version 1.1; proxy_set_header Connection "";
    location ^~ ${THROUGH}/ { proxy_pass http://origin/; }
    location ~ "^/[^/]+/(?<class>[^/]+)/(?<name>.+)$" {
      proxy_pass http://origin; proxy_cache hls; proxy_cache_key "$class/$name?$args"; proxy_ignore_headers Vary;
      proxy_cache_lock on; proxy_cache_lock_age 15s; proxy_cache_lock_timeout 15s; } }`

const holder = await buildGo('tests/load/holder', 'amphi-holder')
const stack = await startOriginBench(40, 90_000, toNginx)
const paths = Array.from({ length: HELD }, (_, n) => stack.pathFor(`per_${n}`))

/** Ages (ms) of the answers, counted from when the part and its line were written. */
async function release(url: string, held: number, prefix = ''): Promise<number[]> {
  const { segment, part } = stack.next()
  const name = `main.m3u8?_HLS_msn=${segment}&_HLS_part=${part}&_HLS_skip=YES`
  const file = join(stack.staticDir, 'paths')
  writeFileSync(file, paths.map((path) => `${prefix}${path}${name}\n`).join(''))
  const args = ['-c', CLIENT_CORE, holder, new URL(url).host, file]
  const child = spawn('taskset', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GOMAXPROCS: '1' },
  })
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line')
  await untilHeld(stack, held)
  const answered = once(lines, 'line')
  const at = performance.timeOrigin + performance.now()
  stack.writePart()
  const answers: Answers = JSON.parse(String((await answered)[0]))
  if (answers.failed > 0 || answers.statuses['200'] !== HELD)
    throw new Error(JSON.stringify({ ...answers, atMicros: 0 }))
  return answers.atMicros.map((micros) => micros / 1000 - at)
}

async function untilHeld({ count }: OriginBench, held: number) {
  while ((await count(/held_requests (\d+)/)) < held) await new Promise((resolve) => setTimeout(resolve, 50))
}

function tell(bench: string, rounds: number[][], atMost?: number) {
  const ages = rounds.flat()
  report({ bench, metric: 'p50', value: quantile(ages, 0.5), unit: 'ms' })
  report({ bench, metric: 'p99', value: quantile(ages, 0.99), unit: 'ms', atMost })
  report({ bench, metric: 'max', value: Math.max(...ages), unit: 'ms' })
}

try {
  const [ours, theirs, through]: number[][][] = [[], [], []]
  await release(stack.originUrl, HELD)
  const cpu = cpuOf(stack.origin.pid)
  const renders = await stack.count(/renders_total (\d+)/)
  for (let round = 0; round < ROUNDS; round++) ours?.push(await release(stack.originUrl, HELD))
  const rendered = (await stack.count(/renders_total (\d+)/)) - renders
  const cpuSeconds = cpuOf(stack.origin.pid) - cpu
  for (let round = 0; round < ROUNDS; round++) theirs?.push(await release(stack.nginxUrl, 1))
  for (let round = 0; round < ROUNDS; round++) through?.push(await release(stack.nginxUrl, HELD, THROUGH))
  tell('origin-hold_nginx', theirs ?? [])
  tell('origin-hold_through', through ?? [])
  tell('origin-hold', ours ?? [], GATE_MS)
  // To accept the connection, check the token, hold, release and answer.
  const cpuUs = (cpuSeconds * 1e6) / (ROUNDS * HELD)
  report({ bench: 'origin-hold', metric: 'cpu_per_recipient', value: cpuUs, unit: 'us' })
  report({ bench: 'origin-hold', metric: 'renders', value: rendered / ROUNDS, unit: 'count', atMost: 1 })
} finally {
  await stack.stop()
}

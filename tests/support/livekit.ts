import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toRedisOptions } from '../../scripts/stack/livekit'
import { LIVEKIT_PROGRAM } from '../../scripts/stack/paths'
import { findFreePort } from '../../scripts/stack/ports'
import { findProgram } from '../../scripts/stack/programs'
import { waitUntil } from '../../scripts/stack/wait-until'
import type { LivekitEndpoint } from '../../server/livekit/endpoint'

const START_TIMEOUT_MS = 20_000
const API_KEY = 'devkey'
const API_SECRET = 'a-secret-for-tests-of-at-least-32-characters'

export type TestLivekit = LivekitEndpoint & {
  /** Dies as by `kill -9`. */
  kill(): Promise<void>
  /** Starts it again on the same ports. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A throwaway livekit-server on loopback with ports of its own, on the Redis given. */
export async function startLivekit(redisUrl: string, webhookUrl?: string): Promise<TestLivekit> {
  const dir = await mkdtemp(join(tmpdir(), 'amphi-livekit-'))
  const [port, tcpPort, udpPort] = [await findFreePort(), await findFreePort(), await findFreePort()]
  const config = {
    port,
    bind_addresses: ['127.0.0.1'],
    logging: { level: 'warn' },
    rtc: {
      tcp_port: tcpPort,
      udp_port: udpPort,
      use_external_ip: false,
      node_ip: '127.0.0.1',
      enable_loopback_candidate: true,
      interfaces: { includes: ['lo'] },
    },
    redis: toRedisOptions(redisUrl),
    keys: { [API_KEY]: API_SECRET },
    ...(webhookUrl && { webhook: { api_key: API_KEY, urls: [webhookUrl] } }),
  }
  const path = join(dir, 'livekit.yaml')
  // JSON is YAML
  await writeFile(path, JSON.stringify(config))
  let child = await start(path, port)
  return {
    url: `ws://127.0.0.1:${port}`,
    apiKey: API_KEY,
    apiSecret: API_SECRET,
    kill: () => end(child, 'SIGKILL'),
    async restart() {
      child = await start(path, port)
    },
    async stop() {
      // A polite end waits for the participants to leave.
      await end(child, 'SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function start(configPath: string, port: number): Promise<ChildProcess> {
  const program = findProgram('livekit-server') ?? LIVEKIT_PROGRAM
  const child = spawn(program, ['--config', configPath], { stdio: 'ignore' })
  const failed = once(child, 'error').then(([error]) => {
    throw error
  })
  const answers = async () => (await fetch(`http://127.0.0.1:${port}/`)).ok
  if (!(await Promise.race([waitUntil(answers, START_TIMEOUT_MS), failed]))) {
    child.kill('SIGKILL')
    throw new Error(`livekit-server did not answer on port ${port} within ${START_TIMEOUT_MS} ms`)
  }
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

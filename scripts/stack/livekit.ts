import { writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../server/config'
import { isLocalUrl } from './local-url'
import type { Part, Plan } from './part'
import { LIVEKIT_PROGRAM } from './paths'
import type { Ports } from './port-choice'
import { findProgram } from './programs'
import { answersHttp } from './readiness'

/**
 * The private livekit-server. Signalling listens on loopback only, browsers reach it through the server. Media is
 * open to the network unless the public address is this machine itself.
 */
export async function createLivekit(plan: Plan, webhookUrl: string): Promise<Part> {
  const { config, env, ports } = plan
  const path = join(config.dataDir, 'livekit.yaml')
  // JSON is YAML
  await writeFile(path, `${JSON.stringify(toYaml(plan, webhookUrl), null, 2)}\n`, { mode: 0o600 })
  return {
    name: 'livekit',
    command: findProgram('livekit-server') ?? LIVEKIT_PROGRAM,
    args: ['--config', path],
    env,
    insist: true,
    isReady: () => answersHttp(`http://127.0.0.1:${ports.LIVEKIT_PORT}/`),
  }
}

function toYaml({ config, env, ports }: Plan, webhookUrl: string) {
  const local = isLocalUrl(config.publicUrl)
  const nodeIp = config.livekitNodeIp ?? (local ? '127.0.0.1' : undefined)
  const { LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '', REDIS_URL = '' } = env
  return {
    port: ports.LIVEKIT_PORT,
    bind_addresses: ['127.0.0.1'],
    logging: { json: true, level: 'info' },
    rtc: {
      tcp_port: ports.LIVEKIT_TCP_PORT,
      udp_port: ports.LIVEKIT_UDP_PORT,
      use_external_ip: false,
      // the worker connects over loopback
      enable_loopback_candidate: true,
      ...(nodeIp && { node_ip: nodeIp }),
      ...(local && { interfaces: { includes: findLoopback() } }),
    },
    turn: toTurn(config, ports, local),
    redis: toRedisOptions(REDIS_URL),
    keys: { [LIVEKIT_API_KEY]: LIVEKIT_API_SECRET },
    webhook: { api_key: LIVEKIT_API_KEY, urls: [webhookUrl] },
  }
}

function toTurn(config: Config, ports: Ports, local: boolean) {
  const { hostname } = new URL(config.publicUrl)
  return {
    enabled: true,
    udp_port: ports.TURN_PORT,
    bind_addresses: [local ? '127.0.0.1' : '0.0.0.0'],
    // TURN relays to LiveKit itself and to nobody else in this network
    allow_restricted_peer_cidrs: toOwnNetworks(),
    // browsers check the certificate's name, so TLS is for a public name only
    ...(config.tls &&
      isDomain(hostname) && {
        domain: hostname,
        tls_port: ports.TURN_TLS_PORT,
        cert_file: config.tls.cert,
        key_file: config.tls.key,
      }),
  }
}

/** LiveKit refuses to start with another one: no address, no single label. */
const isDomain = (hostname: string): boolean => /\.[a-z][a-z-]+$/i.test(hostname)

function findLoopback(): string[] {
  const entries = Object.entries(networkInterfaces())
  return entries.filter(([, addresses]) => addresses?.some(({ internal }) => internal)).map(([name]) => name)
}

function toOwnNetworks(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ address, family }) => `${address}/${family === 'IPv4' ? 32 : 128}`)
}

/** As LiveKit and its Egress take them. */
export function toRedisOptions(redisUrl: string) {
  const url = new URL(redisUrl)
  const address = `${url.hostname}:${url.port || 6379}`
  return {
    ...(url.searchParams.get('cluster') === 'true' ? { cluster_addresses: [address] } : { address }),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(url.pathname.length > 1 && { db: Number(url.pathname.slice(1)) }),
    ...(url.protocol === 'rediss:' && { tls: { enabled: true } }),
  }
}

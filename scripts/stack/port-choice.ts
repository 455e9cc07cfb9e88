import { type Config, ConfigError, type ConfigProblem, type Environment } from '../../server/config'
import type { VariableName } from '../../server/variables'
import { isLocalUrl } from './local-url'
import { findFreePort, isPortFree, type Protocol } from './ports'

type Wanted = { name: VariableName; port: number; protocol: Protocol; movable: boolean; host?: string }

export type Ports = Record<
  | 'PORT'
  | 'ORIGIN_PORT'
  | 'LIVEKIT_PORT'
  | 'LIVEKIT_TCP_PORT'
  | 'LIVEKIT_UDP_PORT'
  | 'TURN_PORT'
  | 'TURN_TLS_PORT'
  | 'REDIS_PORT'
  | 'PG_PORT',
  number
>

/**
 * Turns every 0 into a free port and refuses those in use. On a machine of one's own nobody has opened a firewall for
 * LiveKit's well-known ports, so where they were not asked for and are taken, others do as well.
 */
export async function choosePorts(config: Config, env: Environment): Promise<Ports> {
  const problems: ConfigProblem[] = []
  const ports: Partial<Ports> = {}
  for (const wanted of listWanted(config, env)) {
    const { name, port, protocol, movable, host } = wanted
    const free = port !== 0 && (await isPortFree(port, protocol, host))
    if (!free && port !== 0 && !movable) problems.push(toProblem(wanted))
    ports[name as keyof Ports] = free ? port : await findFreePort()
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return ports as Ports
}

function listWanted(config: Config, env: Environment): Wanted[] {
  const { livekit, livekitTcp, livekitUdp, turn, turnTls, redis, database } = config.privatePorts
  const unasked = (name: VariableName) => !env[name]?.trim() && isLocalUrl(config.publicUrl)
  const media = (name: VariableName, port: number, protocol: Protocol): Wanted => ({
    name,
    port: config.livekit.url ? 0 : port,
    protocol,
    movable: unasked(name),
  })
  return [
    { name: 'PORT', port: config.port, protocol: 'tcp', movable: false },
    { name: 'ORIGIN_PORT', port: config.origin.port, protocol: 'tcp', movable: false },
    { ...media('LIVEKIT_PORT', livekit, 'tcp'), host: '127.0.0.1' },
    media('LIVEKIT_TCP_PORT', livekitTcp, 'tcp'),
    media('LIVEKIT_UDP_PORT', livekitUdp, 'udp'),
    media('TURN_PORT', turn, 'udp'),
    media('TURN_TLS_PORT', config.tls ? turnTls : 0, 'tcp'),
    { name: 'REDIS_PORT', port: config.redisUrl ? 0 : redis, protocol: 'tcp', movable: false },
    { name: 'PG_PORT', port: config.databaseUrl ? 0 : database, protocol: 'tcp', movable: false },
  ]
}

function toProblem({ name, port, protocol }: Wanted): ConfigProblem {
  return {
    name,
    given: `${port}, and another program is using this ${protocol.toUpperCase()} port`,
    allowed: `a port that is free, as in ${name}=${port + 1000}`,
  }
}

import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type Values, type VariableName, variableNames, variables } from './variables'

export type Environment = Record<string, string | undefined>

/** What an Amphi process runs with. Paths are absolute; URLs have no trailing slash. */
export type Config = {
  nodeEnv: Values['NODE_ENV']
  logLevel: Values['LOG_LEVEL']
  port: number
  /** Scheme, host and port under which browsers reach the server. */
  publicUrl: string
  /** Paths of PEM files; absent: plain HTTP. */
  tls?: { cert: string; key: string }
  origin: { port: number; publicUrl: string }
  databaseUrl?: string
  redisUrl?: string
  livekit: { url?: string; publicUrl: string; apiKey?: string; apiSecret?: string }
  broadcast: {
    engine: Values['BROADCAST_ENGINE']
    tokens: Values['BROADCAST_TOKENS']
    dir: string
    /** A second egress of each class, ready to take over. */
    standby: boolean
    /** Under which the official engine reaches the pages that it films: BROADCAST_PAGE_URL, or PUBLIC_URL. */
    pageUrl: string
    /** Where the official engine puts its files; absent: on its disk. */
    s3?: Values['BROADCAST_S3']
    /** Recordings are deleted so long after their class; 0: never by themselves. */
    retentionDays: number
    /** What the media of all classes may take; 0: no limit. */
    quotaBytes: number
  }
  dataDir: string
  /** The first signs, all verify. */
  secretKeys: string[]
  adminApiKey?: string
  createClasses: Values['CREATE_CLASSES']
  /** Joins by code a minute from one address; 0: no limit. */
  joinLimitPerIp: number
  trustedProxies: string[]
  /** The address browsers send media to, where it is not the machine's own (a cloud's one-to-one NAT). */
  livekitNodeIp?: string
  /** Ports of the private services that `npm start` runs; 0: any free one. */
  privatePorts: {
    livekit: number
    livekitTcp: number
    livekitUdp: number
    turn: number
    turnTls: number
    redis: number
    database: number
  }
}

/** A config in which nothing that the server needs is absent, as the supervisor hands it to its children. */
export type ResolvedConfig = Config & {
  databaseUrl: string
  redisUrl: string
  livekit: { url: string; publicUrl: string; apiKey: string; apiSecret: string }
  adminApiKey: string
}

/** What the origin needs: Redis and the keys that verify watch tokens, and neither database nor LiveKit. */
export type OriginConfig = Config & { redisUrl: string }

export type ConfigProblem = { name: VariableName; given: string; allowed: string }

/** One or more variables are wrong; the message has a line for each, and no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(readonly problems: ConfigProblem[]) {
    const lines = problems.map(({ name, given, allowed }) => `  ${name}: given ${given}; allowed: ${allowed}`)
    super(`The configuration is wrong:\n${lines.join('\n')}`)
  }
}

/** Reads the whole environment once. Throws ConfigError naming every wrong variable. */
export function parseConfig(env: Environment): Config {
  const values = parseValues(env)
  const problems = findContradictions(values, env)
  if (problems.length > 0) throw new ConfigError(problems)
  const tls = values.TLS_CERT && values.TLS_KEY ? { cert: values.TLS_CERT, key: values.TLS_KEY } : undefined
  const publicUrl = values.PUBLIC_URL ?? `${tls ? 'https' : 'http'}://localhost:${values.PORT}`
  const dataDir = resolve(values.DATA_DIR)
  return {
    nodeEnv: values.NODE_ENV,
    logLevel: values.LOG_LEVEL,
    port: values.PORT,
    publicUrl,
    tls: tls && { cert: resolve(tls.cert), key: resolve(tls.key) },
    origin: { port: values.ORIGIN_PORT, publicUrl: values.ORIGIN_PUBLIC_URL ?? `${publicUrl}/hls` },
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    livekit: {
      url: values.LIVEKIT_URL,
      publicUrl: values.LIVEKIT_PUBLIC_URL ?? `${publicUrl.replace(/^http/, 'ws')}/livekit`,
      apiKey: values.LIVEKIT_API_KEY,
      apiSecret: values.LIVEKIT_API_SECRET,
    },
    broadcast: {
      engine: values.BROADCAST_ENGINE,
      tokens: values.BROADCAST_TOKENS,
      dir: resolve(values.BROADCAST_DIR ?? join(dataDir, 'broadcast')),
      standby: values.BROADCAST_STANDBY === 'on',
      pageUrl: values.BROADCAST_PAGE_URL ?? publicUrl,
      s3: values.BROADCAST_S3,
      retentionDays: values.RETENTION_DAYS,
      quotaBytes: values.BROADCAST_QUOTA_BYTES,
    },
    dataDir,
    secretKeys: values.SECRET_KEYS ?? [],
    adminApiKey: values.ADMIN_API_KEY,
    createClasses: values.CREATE_CLASSES,
    joinLimitPerIp: values.JOIN_LIMIT_PER_IP,
    trustedProxies: values.TRUSTED_PROXIES,
    livekitNodeIp: values.LIVEKIT_NODE_IP,
    privatePorts: {
      livekit: values.LIVEKIT_PORT,
      livekitTcp: values.LIVEKIT_TCP_PORT,
      livekitUdp: values.LIVEKIT_UDP_PORT,
      turn: values.TURN_PORT,
      turnTls: values.TURN_TLS_PORT,
      redis: values.REDIS_PORT,
      database: values.PG_PORT,
    },
  }
}

/** For the server: refuses a config in which something is still to be started by a supervisor. */
export function requireResolved(config: Config): ResolvedConfig {
  const { databaseUrl, redisUrl, adminApiKey, secretKeys } = config
  const { url, publicUrl, apiKey, apiSecret } = config.livekit
  if (!databaseUrl || !redisUrl || !adminApiKey || !url || !apiKey || !apiSecret || secretKeys.length === 0) {
    throw absentError({
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      LIVEKIT_URL: url,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
      ADMIN_API_KEY: adminApiKey,
      SECRET_KEYS: secretKeys[0],
    })
  }
  return { ...config, databaseUrl, redisUrl, adminApiKey, livekit: { url, publicUrl, apiKey, apiSecret } }
}

/** For the origin, which may run on a machine of its own. */
export function requireOriginResolved(config: Config): OriginConfig {
  const { redisUrl, secretKeys } = config
  if (!redisUrl || secretKeys.length === 0) {
    throw absentError({ REDIS_URL: redisUrl, SECRET_KEYS: secretKeys[0] })
  }
  return { ...config, redisUrl }
}

function parseValues(env: Environment): Values {
  const shape = Object.fromEntries(variableNames.map((name) => [name, variables[name].schema]))
  const given = Object.fromEntries(variableNames.map((name) => [name, env[name]?.trim() || undefined]))
  const result = z.object(shape).safeParse(given)
  if (result.success) return result.data as Values
  const wrong = new Set(result.error.issues.map((issue) => issue.path[0] as VariableName))
  throw new ConfigError([...wrong].map((name) => toProblem(name, env[name])))
}

function findContradictions(values: Values, env: Environment): ConfigProblem[] {
  const absent: VariableName[] = []
  if (values.TLS_CERT && !values.TLS_KEY) absent.push('TLS_KEY')
  if (values.TLS_KEY && !values.TLS_CERT) absent.push('TLS_CERT')
  const livekitIsGiven = values.LIVEKIT_URL ?? values.LIVEKIT_API_KEY ?? values.LIVEKIT_API_SECRET
  if (livekitIsGiven && !values.LIVEKIT_API_KEY) absent.push('LIVEKIT_API_KEY')
  if (livekitIsGiven && !values.LIVEKIT_API_SECRET) absent.push('LIVEKIT_API_SECRET')
  const problems = absent.map((name) => toProblem(name, env[name]))
  if (values.PORT !== 0 && values.PORT === values.ORIGIN_PORT) {
    problems.push({
      ...toProblem('ORIGIN_PORT', String(values.ORIGIN_PORT)),
      allowed: 'a port other than PORT',
    })
  }
  return problems
}

function absentError(needed: Partial<Record<VariableName, string | undefined>>): ConfigError {
  const names = Object.keys(needed) as VariableName[]
  return new ConfigError(names.filter((name) => !needed[name]).map((name) => toProblem(name, undefined)))
}

function toProblem(name: VariableName, given: string | undefined): ConfigProblem {
  return { name, given: toShown(name, given), allowed: variables[name].allowed }
}

/** Secrets are not shown at all, passwords in URLs are masked. */
function toShown(name: VariableName, given: string | undefined): string {
  if (!given?.trim()) return 'nothing'
  if ('secret' in variables[name]) return '(a secret, not shown)'
  if (!name.endsWith('_URL')) return JSON.stringify(given)
  return JSON.stringify(given.replace(/^.*@/, '***@').replace(/\?.*$/, '?***'))
}

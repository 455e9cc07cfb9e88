import { type Config, type Environment, parseConfig } from '../../server/config'
import type { Ports } from './port-choice'
import { toRedisUrl } from './redis'
import type { Secrets } from './secrets'

/** The complete environment of every child: what was given, and what this stack makes itself where nothing was. */
export function resolveEnvironment(
  given: Environment,
  ports: Ports,
  secrets: Secrets,
  embeddedUrl: string,
): Environment {
  const portsText = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)]))
  const config = parseConfig({ ...given, ...portsText })
  return {
    ...given,
    ...portsText,
    PUBLIC_URL: config.publicUrl,
    ORIGIN_PUBLIC_URL: config.origin.publicUrl,
    DATABASE_URL: config.databaseUrl ?? embeddedUrl,
    REDIS_URL: config.redisUrl ?? toRedisUrl(ports.REDIS_PORT, secrets.redisPassword),
    ...toLivekit(config, ports, secrets),
    BROADCAST_ENGINE: config.broadcast.engine,
    BROADCAST_STANDBY: config.broadcast.standby ? 'on' : 'off',
    BROADCAST_TOKENS: config.broadcast.tokens,
    BROADCAST_DIR: config.broadcast.dir,
    BROADCAST_PAGE_URL: config.broadcast.pageUrl,
    RETENTION_DAYS: String(config.broadcast.retentionDays),
    BROADCAST_QUOTA_BYTES: String(config.broadcast.quotaBytes),
    DATA_DIR: config.dataDir,
    ADMIN_API_KEY: config.adminApiKey ?? secrets.adminApiKey,
    SECRET_KEYS: (config.secretKeys.length > 0 ? config.secretKeys : secrets.secretKeys).join(','),
    CREATE_CLASSES: config.createClasses,
    LOG_LEVEL: config.logLevel,
    NODE_ENV: config.nodeEnv,
  }
}

function toLivekit({ livekit }: Config, ports: Ports, secrets: Secrets): Environment {
  return {
    LIVEKIT_URL: livekit.url ?? `ws://127.0.0.1:${ports.LIVEKIT_PORT}`,
    LIVEKIT_PUBLIC_URL: livekit.publicUrl,
    LIVEKIT_API_KEY: livekit.apiKey ?? secrets.livekit.apiKey,
    LIVEKIT_API_SECRET: livekit.apiSecret ?? secrets.livekit.apiSecret,
  }
}

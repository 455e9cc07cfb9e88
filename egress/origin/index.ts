import { mkdir } from 'node:fs/promises'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { ConfigError, type OriginConfig, parseConfig, requireOriginResolved } from '../../server/config'
import { createTokens } from '../../server/people/tokens'
import { createDirectorySource } from './directory-source'
import { createOrigin } from './origin'
import { createServerClock } from './server-clock'

function readConfig(): OriginConfig {
  try {
    return requireOriginResolved(parseConfig(process.env))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

const config = readConfig()
const logger = pino({ level: config.logLevel, base: { process: 'origin' } })
await mkdir(config.broadcast.dir, { recursive: true })
const clockRedis = new Redis(config.redisUrl)
clockRedis.on('error', () => {})
const clock = await createServerClock(clockRedis, Date.now)
const origin = await createOrigin({
  redisUrl: config.redisUrl,
  source: createDirectorySource(config.broadcast.dir),
  tokens: createTokens(config.secretKeys, clock.now),
  logger,
  port: config.origin.port,
  now: clock.now,
})
logger.info({ port: origin.port, dir: config.broadcast.dir }, 'listening')

let isStopping = false
async function stop() {
  if (isStopping) return
  isStopping = true
  clock.stop()
  clockRedis.disconnect()
  await origin.close()
  logger.info('stopped')
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)

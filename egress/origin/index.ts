import { mkdir } from 'node:fs/promises'
import { ConfigError, type OriginConfig, parseConfig, requireOriginResolved } from '../../server/config'
import { newId } from '../../server/ids'
import { createLogger } from '../../server/logger'
import { createTokens } from '../../server/people/tokens'
import { createClock } from '../../server/redis/clock'
import { connectRedis, untilReady } from '../../server/redis/connect'
import { createDownload } from '../recording/download'
import { createRecorder } from '../recording/recorder'
import { createDirectoryArchive } from './directory-archive'
import { createDirectorySource } from './directory-source'
import { createOfficialSource } from './official/official-source'
import { createOrigin } from './origin'

/** Between words about a Redis that is not there yet. */
const REDIS_PATIENCE_MS = 10_000
/** Longer than held requests need; shorter than the 30 s after which process supervisors kill. */
const DRAIN_LIMIT_MS = 20_000

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
const logger = createLogger(config).child({ process: 'origin' })
await mkdir(config.broadcast.dir, { recursive: true })
const clockRedis = connectRedis(config.redisUrl, logger)
const clock = createClock(clockRedis)
// Without server time every token is judged by a clock that may be hours off: nobody is served before.
while (!(await untilReady(clockRedis, REDIS_PATIENCE_MS))) logger.warn('waiting for Redis')
await clock.measure()
const broadcastDir = config.broadcast.dir
const tokens = createTokens(config.secretKeys, clock.now)
const origin = await createOrigin({
  redisUrl: config.redisUrl,
  source:
    config.broadcast.engine === 'worker'
      ? createDirectorySource(broadcastDir)
      : createOfficialSource(broadcastDir, { now: clock.now, pulse: true, logger }),
  tokens,
  elsewhere: (redis) => createDownload({ redis, broadcastDir, tokens, now: clock.now }).handle,
  disk: { archive: createDirectoryArchive(broadcastDir), quotaBytes: config.broadcast.quotaBytes },
  logger,
  port: config.origin.port,
  now: clock.now,
})
const recorder = createRecorder({
  redis: clockRedis,
  broadcastDir,
  processId: newId('prc'),
  now: clock.now,
  logger,
})
logger.info({ port: origin.port, dir: config.broadcast.dir }, 'listening')

let isStopping = false
async function stop(exitCode: number) {
  if (isStopping) return
  isStopping = true
  process.exitCode = exitCode
  setTimeout(() => process.exit(1), DRAIN_LIMIT_MS).unref()
  clock.stop()
  await recorder.close()
  clockRedis.disconnect()
  await origin.close()
  logger.info('stopped')
}
process.on('SIGTERM', () => stop(0))
process.on('SIGINT', () => stop(0))
process.on('unhandledRejection', (err) => logger.error({ err }, 'a promise failed that nobody waited for'))
process.on('uncaughtException', (err) => {
  // What state the process is in is not known any more: it is started anew.
  logger.fatal({ err }, 'a fault that nobody caught')
  void stop(1)
})

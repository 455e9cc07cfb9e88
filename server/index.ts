import { compose } from './compose'
import { ConfigError, parseConfig, type ResolvedConfig, requireResolved } from './config'
import { createLogger } from './logger'

/** Longer than connections and the scribe need; shorter than the 30 s after which process supervisors kill. */
const DRAIN_LIMIT_MS = 20_000

function readConfig(): ResolvedConfig {
  try {
    return requireResolved(parseConfig(process.env))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

const config = readConfig()
const logger = createLogger(config)
const amphi = await compose(config, logger, { dev: process.env.AMPHI_DEV === '1' })
let stopping = false

async function stop(exitCode: number): Promise<void> {
  if (stopping) return
  stopping = true
  setTimeout(() => process.exit(1), DRAIN_LIMIT_MS).unref()
  try {
    await amphi.close()
    process.exit(exitCode)
  } catch (err) {
    logger.fatal({ err }, 'not closed in order')
    process.exit(1)
  }
}

process.on('SIGTERM', () => stop(0))
process.on('SIGINT', () => stop(0))
process.on('unhandledRejection', (err) => logger.error({ err }, 'a promise failed that nobody waited for'))
process.on('uncaughtException', (err) => {
  // What state the process is in is not known any more: others take over.
  logger.fatal({ err }, 'a fault that nobody caught')
  void stop(1)
})

const port = await amphi.listen()
logger.info({ port, url: config.publicUrl }, 'listening')

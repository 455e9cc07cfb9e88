import pino from 'pino'
import type { Config } from './config'

/** The part of pino that most need. */
export type Logger = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Whatever is logged by mistake: names under which tokens, keys and cookies travel, at two depths. */
const secretNames = ['token', 'authorization', 'cookie', 'auth', 'password', 'secret', 'apiKey', 'apiSecret']
const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/** JSON lines on standard output. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): pino.Logger {
  return pino({ level: logLevel, redact: { paths, censor: '***' } })
}

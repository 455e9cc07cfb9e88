import { accessSync, constants } from 'node:fs'
import { type Config, ConfigError, type ConfigProblem } from '../../server/config'

/** Throws ConfigError if a file that the configuration names cannot be read. */
export function requireReadable(config: Config): void {
  const files = [
    ['TLS_CERT', config.tls?.cert],
    ['TLS_KEY', config.tls?.key],
  ] as const
  const problems = files.flatMap(([name, path]): ConfigProblem[] => {
    if (path === undefined || isReadable(path)) return []
    return [{ name, given: JSON.stringify(path), allowed: 'the path of a PEM file that Amphi may read' }]
  })
  if (problems.length > 0) throw new ConfigError(problems)
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

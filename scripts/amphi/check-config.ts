import { parseConfig } from '../../server/config'
import { requireReadable } from '../start/readable-files'

const HIDDEN = '(set, not shown)'

/** Prints what is in force. Throws ConfigError if something is wrong. */
export async function checkConfig(): Promise<void> {
  const config = parseConfig(process.env)
  requireReadable(config)
  const shown = {
    ...config,
    databaseUrl: config.databaseUrl ? hidePassword(config.databaseUrl) : 'absent: embedded',
    redisUrl: config.redisUrl ? hidePassword(config.redisUrl) : 'absent: a private redis-server',
    livekit: {
      ...config.livekit,
      url: config.livekit.url ?? 'absent: a private livekit-server',
      apiSecret: config.livekit.apiSecret && HIDDEN,
    },
    secretKeys: config.secretKeys.length > 0 ? `${config.secretKeys.length} keys` : 'absent: in DATA_DIR',
    adminApiKey: config.adminApiKey ? HIDDEN : 'absent: in DATA_DIR',
  }
  console.log(JSON.stringify(shown, null, 2))
  console.log('The configuration is good.')
}

function hidePassword(url: string): string {
  const shown = new URL(url)
  if (shown.password) shown.password = '***'
  return shown.href
}

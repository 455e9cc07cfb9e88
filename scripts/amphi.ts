import { ConfigError } from '../server/config'
import { checkConfig } from './amphi/check-config'
import { erase } from './amphi/erase'
import { inspect } from './amphi/inspect'
import { officialEngine } from './amphi/official-engine'
import { mintToken } from './amphi/token'
import { UsageError } from './amphi/usage'

const USAGE = `Usage: npm run amphi -- COMMAND
  check-config                               what is in force, or what is wrong with the environment
  token CLASS ROLE [NAME] [--gateway]        a person token of the class (ROLE: teacher, assistant, student),
                                             with --gateway a token for the gateway's handshake
  inspect CLASS [--facts N]                  phase, counts, head and last facts (10)
  erase CLASS PERSON                         takes a person's name and words out of the class and its history
  official-engine [--config]                 runs LiveKit's own Egress for BROADCAST_ENGINE=livekit-egress, or prints
                                             the configuration it would have (with its secrets)
token, inspect and erase ask the server that runs with this environment and DATA_DIR.`

const commands: Record<string, (args: string[]) => Promise<void>> = {
  'check-config': checkConfig,
  token: mintToken,
  inspect,
  erase,
  'official-engine': officialEngine,
}

const [name = '', ...args] = process.argv.slice(2)
const command = commands[name]
if (!command) {
  console.error(USAGE)
  process.exit(1)
}
try {
  await command(args)
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n${USAGE}` : toMessage(error))
  process.exit(1)
}

function toMessage(error: unknown): string {
  return error instanceof ConfigError || error instanceof Error ? error.message : String(error)
}

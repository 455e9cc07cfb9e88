import { once } from 'node:events'
import { type Config, ConfigError, parseConfig } from '../../server/config'
import { SetupError } from '../setup/machine'
import { setUp } from '../setup/setup'
import { choosePorts } from '../stack/port-choice'
import { type Stack, startStack } from '../stack/stack'
import { openDemoClass } from './demo-class'
import { requireReadable } from './readable-files'
import { watchShutdown } from './shutdown'

const say = (line: string) => console.log(line)

/** `npm start` and `npm run dev`: setup, all processes, the links, until Ctrl-C. Ends the process. */
export async function runStack(purpose: 'start' | 'dev'): Promise<never> {
  const signal = watchShutdown()
  try {
    // what setup builds depends on no secret and no free port, so a wrong value or a taken port is told before it
    const config = parseConfig(process.env)
    requireReadable(config)
    await choosePorts(config, process.env)
    tellHalfGivenLivekit(config)
    signal.addEventListener('abort', exitInSetup)
    await setUp(purpose, config, say)
    signal.removeEventListener('abort', exitInSetup)
    const stack = await startStack(process.env, { report: say, dev: purpose === 'dev', signal })
    await greet(stack)
    if (!signal.aborted) await once(signal, 'abort')
    say('Stopping ...')
    await stack.stop()
    process.exit(0)
  } catch (error) {
    if (signal.aborted) process.exit(130)
    console.error(toMessage(error))
    process.exit(1)
  }
}

const exitInSetup = () => process.exit(130)

async function greet(stack: Stack): Promise<void> {
  try {
    const { links } = await openDemoClass(stack)
    say(`Amphi is ready: ${stack.url}`)
    say('A demo class with 2 seats is open:')
    for (const [role, link] of Object.entries(links)) say(`  ${role.padEnd(9)}  ${link}`)
  } catch (error) {
    await stack.stop()
    throw error
  }
  if (stack.secretsMade && !process.env.ADMIN_API_KEY) {
    say(
      `ADMIN_API_KEY, made now and kept in ${stack.config.dataDir}/secrets.json: ${stack.config.adminApiKey}`,
    )
  }
}

/** LiveKit finds egress workers through its own Redis. */
function tellHalfGivenLivekit(config: Config): void {
  if (config.livekit.url && !config.redisUrl) {
    say('Note: LIVEKIT_URL is given and REDIS_URL is not. Broadcasts need the Redis that this LiveKit uses.')
  }
}

function toMessage(error: unknown): string {
  if (error instanceof ConfigError || error instanceof SetupError) return error.message
  return error instanceof Error && error.stack && process.env.LOG_LEVEL === 'debug'
    ? error.stack
    : String(error)
}

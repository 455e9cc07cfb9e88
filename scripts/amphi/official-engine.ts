import { join } from 'node:path'
import { parseConfig } from '../../server/config'
import { toConfiguration } from '../official-engine/configuration'
import { startOfficialEngine } from '../official-engine/engine'
import { requireNeighbours } from '../official-engine/neighbours'
import { findMissing } from '../official-engine/programs'
import { watchShutdown } from '../start/shutdown'
import { UsageError } from './usage'

/** The service ends itself after an error of its own, and says nothing. */
const AGAIN_MS = 2_000

/** Runs LiveKit's own Egress beside an Amphi with BROADCAST_ENGINE=livekit-egress until Ctrl-C, or prints its configuration. */
export async function officialEngine(args: string[]): Promise<void> {
  const [option, ...rest] = args
  if (rest.length > 0 || (option !== undefined && option !== '--config')) {
    throw new UsageError('official-engine takes --config or nothing.')
  }
  const config = parseConfig(process.env)
  const neighbours = await requireNeighbours(config)
  if (option) {
    console.log(JSON.stringify(toConfiguration(neighbours), null, 2))
    return
  }
  const missing = findMissing()
  if (missing.length > 0) {
    throw new Error(
      `Not on the PATH: ${missing.join(', ')}. See "The official engine" in docs/operations.md.`,
    )
  }
  const signal = watchShutdown()
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  const dir = join(config.dataDir, 'official-engine')
  while (!signal.aborted) {
    const engine = await startOfficialEngine({ ...neighbours, dir, onLine: (line) => console.log(line) })
    console.log('The official engine takes requests.')
    await Promise.race([engine.ended, stopped])
    await engine.stop()
    if (signal.aborted) break
    console.log(`The official engine ended; starting it again in ${AGAIN_MS / 1000} s.`)
    await Promise.race([new Promise((resolve) => setTimeout(resolve, AGAIN_MS)), stopped])
  }
  process.exit(0)
}

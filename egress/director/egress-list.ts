import type { Logger } from 'pino'
import type { Egresses } from './egresses'
import type { EngineProcesses } from './engine-processes'
import type { ActiveEgress } from './next-actions'

/** While all is well LiveKit is asked this often which egresses run. */
const LIST_MS = 5_000

/** The egresses of a class that are active, and whose process lives as far as one can know. */
export type EgressList = {
  /** null: LiveKit does not tell. `steady`: what it told a moment ago serves. */
  read(steady: boolean): Promise<ActiveEgress[] | null>
  /** Something changed: LiveKit is asked anew. */
  forget(): void
}

export function createEgressList(
  classId: string,
  egresses: Pick<Egresses, 'listActive'>,
  processes: EngineProcesses,
  logger: Logger,
): EgressList {
  let listed: { at: number; egresses: ActiveEgress[] } | null = null
  let heard: ReadonlySet<string> = new Set()

  async function list(steady: boolean): Promise<ActiveEgress[] | null> {
    if (listed && steady && performance.now() - listed.at < LIST_MS) return listed.egresses
    try {
      listed = { at: performance.now(), egresses: await egresses.listActive(classId) }
      return listed.egresses
    } catch (error) {
      logger.debug({ err: error }, 'LiveKit does not tell which egresses run')
      listed = null
      return null
    }
  }

  return {
    async read(steady) {
      const found = await list(steady)
      if (found === null) return null
      const ids = found.map(({ egressId }) => egressId)
      const listening = await processes.findListening(ids)
      heard = new Set(ids.filter((id) => heard.has(id) || listening.has(id)))
      // One that was never heard may have a Redis of its own.
      return found.filter(({ egressId: id }) => listening.has(id) || !heard.has(id))
    },
    forget() {
      listed = null
    },
  }
}

import { createFactArchive } from '../../db/facts'
import { createPool } from '../../db/pool'
import type { Envelope } from '../../server/classroom/commands'
import { newId } from '../../server/ids'
import { createClassLogs } from '../../server/log/class-logs'
import { quick, silent } from './class-processes'

/** The log of one server process, run as a process of its own, so that it can be killed. Commands come by IPC. */
const { REDIS_URL = '', DATABASE_URL = '' } = process.env
const logs = await createClassLogs({
  redisUrl: REDIS_URL,
  archive: createFactArchive(createPool(DATABASE_URL, () => {})),
  logger: silent,
  newId,
  timing: quick,
})
process.on(
  'message',
  async ({ ref, classId, envelope }: { ref: number; classId: string; envelope: Envelope }) => {
    process.send?.({ ref, outcome: await logs.submit(classId, envelope) })
  },
)
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: logs.processId })

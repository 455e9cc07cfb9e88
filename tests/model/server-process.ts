import { compose } from '../../server/compose'
import { parseConfig, requireResolved } from '../../server/config'
import { createLogger } from '../../server/logger'
import { quick } from '../support/class-processes'

/** The composed server as a process of its own, by the environment; only its patience is shorter. SIGTERM drains it. */
const config = requireResolved(parseConfig(process.env))
const amphi = await compose(config, createLogger(config), { dev: false, timing: quick })
process.on('SIGTERM', () => void amphi.close().then(() => process.exit(0)))
process.once('disconnect', () => process.exit(0))
process.send?.({ port: await amphi.listen() })

import { compose } from '../../server/compose'
import { parseConfig, requireResolved } from '../../server/config'
import { createLogger } from '../../server/logger'
import { answerQuestions } from './questions'

/** The server as `npm start` runs it, by the environment. */
const config = requireResolved(parseConfig(process.env))
const amphi = await compose(config, createLogger(config), { dev: false })
answerQuestions({ port: await amphi.listen() })

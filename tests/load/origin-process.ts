import { pino } from 'pino'
import { createDirectorySource } from '../../egress/origin/directory-source'
import { createOrigin } from '../../egress/origin/origin'
import { createTokens } from '../../server/people/tokens'
import { answerQuestions } from './questions'

/** The origin as `npm start` runs it, over BROADCAST_DIR. */
const { REDIS_URL = '', BROADCAST_DIR = '', SECRET_KEYS = '' } = process.env
const origin = await createOrigin({
  redisUrl: REDIS_URL,
  source: createDirectorySource(BROADCAST_DIR),
  tokens: createTokens([SECRET_KEYS], Date.now),
  logger: pino({ level: 'warn' }),
  port: 0,
  now: Date.now,
})
answerQuestions({ port: origin.port })

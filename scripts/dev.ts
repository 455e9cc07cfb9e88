import { runStack } from './start/run-stack'

process.env.NODE_ENV ??= 'development'
await runStack('dev')

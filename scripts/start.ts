import { runStack } from './start/run-stack'

await runStack('start')

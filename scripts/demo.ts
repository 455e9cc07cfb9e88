import { UsageError } from './amphi/usage'
import { parseOptions, USAGE } from './demo/options'
import { runDemo } from './demo/run'
import { watchShutdown } from './start/shutdown'

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(USAGE)
  else await runDemo(options, watchShutdown())
  process.exit(0)
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  console.error(error instanceof UsageError ? `${message}\n${USAGE}` : message)
  process.exit(1)
}

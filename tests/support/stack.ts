import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Stack, type StackOptions, startStack } from '../../scripts/stack/stack'
import type { Environment } from '../../server/config'
import { variableNames } from '../../server/variables'

/** Every port, so that stacks run side by side. */
const anyPorts = Object.fromEntries(
  variableNames.filter((name) => name.endsWith('PORT')).map((name) => [name, '0']),
)

/**
 * A whole Amphi of one's own: fresh DATA_DIR, free ports, nothing taken from this process's environment that would
 * change it. `stop` ends its processes and removes its data.
 */
export async function startTestStack(env: Environment = {}, options: StackOptions = {}): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'amphi-stack-'))
  const inherited = Object.entries(process.env).filter(([name]) => !isOurs(name))
  const remove = () => rm(dataDir, { recursive: true, force: true })
  const given: Environment = {
    ...Object.fromEntries(inherited),
    ...anyPorts,
    DATA_DIR: dataDir,
    NODE_ENV: 'production',
    CREATE_CLASSES: 'anyone',
    // all of a test's people come from one address
    JOIN_LIMIT_PER_IP: '0',
    ...env,
  }
  try {
    const stack = await startStack(given, options)
    return {
      ...stack,
      async stop() {
        await stack.stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

const ours = new Set<string>(variableNames)
const isOurs = (name: string) => ours.has(name) || name === 'AMPHI_DEV'

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../stack/paths'
import { identifySelf, isAlive, type ProcessIdentity } from '../stack/process-identity'
import { waitUntil } from '../stack/wait-until'

const PATH = join(ROOT, '.cache/setup.lock')
/** The longest setup, all from nothing on a slow machine, is done by then. */
const WAIT_MS = 20 * 60_000

/** Two setups of one checkout would build into each other's directories: the second one waits. */
export async function withSetupLock(
  report: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  await mkdir(join(ROOT, '.cache'), { recursive: true })
  if (!(await tryLock())) {
    report('Another setup of this checkout is running; waiting for it ...')
    if (!(await waitUntil(tryLock, WAIT_MS)))
      throw new Error(`${PATH} is still held: delete it if no setup runs`)
  }
  try {
    await work()
  } finally {
    await rm(PATH, { force: true })
  }
}

async function tryLock(): Promise<boolean> {
  const holder = await readHolder()
  if (holder && !isAlive(holder)) await rm(PATH, { force: true })
  return writeFile(PATH, JSON.stringify(identifySelf()), { flag: 'wx' }).then(
    () => true,
    () => false,
  )
}

async function readHolder(): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(PATH, 'utf8')) as ProcessIdentity
  } catch {
    return undefined
  }
}

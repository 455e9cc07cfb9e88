import { readFileSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntil } from './wait-until'

/** The leash of a killed supervisor ends its children within its own grace; a little more than that is enough. */
const LEASH_TIMEOUT_MS = 12_000

type Holder = { pid: number; startedAt: string; leash?: number }

/** One stack a DATA_DIR: two of them would tear PGlite and Redis apart. Returns what gives the directory back. */
export async function lockDataDir(dataDir: string, leash: number | undefined): Promise<() => Promise<void>> {
  const path = join(dataDir, 'amphi.pid')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const holder = await readHolder(path)
  if (holder && isAlive(holder.pid, holder.startedAt)) {
    throw new Error(
      `Another Amphi (process ${holder.pid}) is using DATA_DIR ${dataDir}: stop it, or choose another DATA_DIR`,
    )
  }
  if (holder?.leash) {
    const { leash: old } = holder
    await waitUntil(async () => !isAlive(old, startOf(old), 'end-orphans.mjs'), LEASH_TIMEOUT_MS)
  }
  const self: Holder = { pid: process.pid, startedAt: startOf(process.pid), leash }
  await writeFile(path, JSON.stringify(self))
  return () => rm(path, { force: true })
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    return undefined // absent, or cut short by the death that this start recovers from
  }
}

/** A process id alone may have been given to another process since; with its time of birth it is unique. */
function isAlive(pid: number, startedAt: string, commandPart = ''): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return startOf(pid) === startedAt && commandOf(pid).includes(commandPart)
}

/** Linux: clock ticks from boot to the birth of the process (field 22, counted after the name); elsewhere nothing. */
function startOf(pid: number): string {
  return readProc(pid, 'stat').split(') ')[1]?.split(' ')[19] ?? ''
}

const commandOf = (pid: number): string => readProc(pid, 'cmdline')

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

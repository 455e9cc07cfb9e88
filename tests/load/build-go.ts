import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { detectMachine, run } from '../../scripts/setup/machine'
import { BIN_DIR, ROOT } from '../../scripts/stack/paths'

/** Builds the program of a folder (quick when nothing changed) and returns where it is. */
export async function buildGo(folder: string, name: string): Promise<string> {
  const program = join(BIN_DIR, name)
  await mkdir(BIN_DIR, { recursive: true })
  await run(detectMachine(), 'go', ['build', '-o', program, '.'], {
    cwd: join(ROOT, folder),
    advice: 'The load client and the Centrifuge peer need Go.',
  })
  return program
}

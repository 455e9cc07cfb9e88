import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ROOT } from '../stack/paths'

/** A hash over the names and contents of files and directories, given by their path in the repository. */
export function fingerprint(paths: string[], isRelevant: (path: string) => boolean = () => true): string {
  const hash = createHash('sha256')
  for (const path of paths.flatMap((path) => listFiles(join(ROOT, path))).filter(isRelevant)) {
    hash
      .update(`${relative(ROOT, path)}\0`)
      .update(readFileSync(path))
      .update('\0')
  }
  return hash.digest('hex')
}

/** True if the stamp beside a product says that it was made from these very sources. */
export const isStamped = (stampPath: string, value: string): boolean =>
  existsSync(stampPath) && readFileSync(stampPath, 'utf8') === value

export function stamp(stampPath: string, value: string): void {
  mkdirSync(dirname(stampPath), { recursive: true })
  writeFileSync(stampPath, value)
}

function listFiles(path: string): string[] {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap((name) => listFiles(join(path, name)))
}

import { readdirSync, readFileSync } from 'node:fs'

const listPids = () => readdirSync('/proc').map(Number).filter(Boolean)

/** Processes of this machine (Linux) that were started with a variable of this value, whoever their parent is now. */
export function findOwnProcesses(name: string, value: string): number[] {
  const wanted = `${name}=${value}`
  return listPids().filter((pid) => readEnvironment(pid).includes(wanted))
}

/** Children of a process, and their children (Linux). */
export function findDescendants(pid: number): number[] {
  const parents = new Map(listPids().map((each) => [each, readParent(each)]))
  const belongs = (each: number): boolean => {
    const parent = parents.get(each) ?? 0
    return parent === pid || (parent > 1 && belongs(parent))
  }
  return [...parents.keys()].filter(belongs)
}

function readParent(pid: number): number {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[1],
    )
  } catch {
    return 0
  }
}

function readEnvironment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    // It has ended meanwhile, or is somebody else's.
    return []
  }
}

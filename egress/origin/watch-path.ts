import { parseName, type Resource } from './names'
import { parseReload, type Reload } from './reload'

/** As it came, undecoded: a token, a class and a name of ours hold nothing that needs decoding. */
const WATCH_PATH = /^\/([A-Za-z0-9_.-]{1,2048})\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_./-]{1,256})$/

export type WatchPath = { token: string; classId: string; name: string }

export function parseWatchPath(path: string): WatchPath | null {
  const match = WATCH_PATH.exec(path)
  if (!match?.[1] || !match[2] || !match[3]) return null
  return { token: match[1], classId: match[2], name: match[3] }
}

/**
 * Cuts a URL where such a path would be cut, and looks no closer: good for comparing with tokens, classes and names
 * that are known to be good, and for nothing else.
 */
export function splitWatchUrl(url: string): (WatchPath & { query: string }) | null {
  const tokenEnd = url.indexOf('/', 1)
  const classEnd = url.indexOf('/', tokenEnd + 1)
  if (tokenEnd < 0 || classEnd < 0) return null
  const mark = url.indexOf('?', classEnd)
  const nameEnd = mark < 0 ? url.length : mark
  return {
    token: url.slice(1, tokenEnd),
    classId: url.slice(tokenEnd + 1, classEnd),
    name: url.slice(classEnd + 1, nameEnd),
    query: url.slice(nameEnd + 1),
  }
}

/** All viewers of a class ask for the same at the same time: what it means is read once. Both keep the newest. */
const REMEMBERED = 1000
/** Longer than any name or query of a player; what is longer is not worth the memory. */
const REMEMBERED_CHARACTERS = 256

export const readName = remember<Resource | null>(parseName)
export const readQuery = remember<Reload | null>(parseReload)

function remember<Value>(parse: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const value = parse(text)
    if (text.length > REMEMBERED_CHARACTERS) return value
    known.set(text, value)
    if (known.size > REMEMBERED) {
      const [oldest] = known.keys()
      if (oldest !== undefined) known.delete(oldest)
    }
    return value
  }
}

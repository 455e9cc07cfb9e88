import { newId } from './new-id'

const KEY = 'amphi.device'

/** One tab is one device: two tabs of one person are told apart, a reload is the same again. */
export function deviceId(): string {
  try {
    const known = sessionStorage.getItem(KEY)
    if (known) return known
    const made = newId()
    sessionStorage.setItem(KEY, made)
    return made
  } catch {
    // Storage can be switched off by the browser: a new one each time serves too.
    return newId()
  }
}

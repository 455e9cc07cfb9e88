// Ends the processes of a stack whose supervisor died without a chance to do so (`kill -9`, out of memory).
// Reads `+PID` and `-PID` lines; when the pipe closes, whoever is still there is asked to go, then made to.
import { createInterface } from 'node:readline'

/** As long as the supervisor itself would wait: PGlite needs up to a few seconds to close its files. */
const GRACE_MS = 8000
const POLL_MS = 100

/** @type {Set<number>} */
const groups = new Set()

/** @param {number} group @param {NodeJS.Signals | 0} signal */
function send(group, signal) {
  try {
    process.kill(-group, signal)
    return true
  } catch {
    return false
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) groups.add(pid)
  else groups.delete(pid)
}

for (const group of groups) send(group, 'SIGTERM')
const deadline = Date.now() + GRACE_MS
while ([...groups].some((group) => send(group, 0)) && Date.now() < deadline) {
  await new Promise((resolve) => setTimeout(resolve, POLL_MS))
}
for (const group of groups) send(group, 'SIGKILL')

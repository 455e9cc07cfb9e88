/** Conditions of the start are looked at this often: far below what a person notices, cheap on a busy machine. */
const POLL_MS = 50

/** Waits until the condition holds. A condition that throws does not hold yet. False when time or patience ran out. */
export async function waitUntil(
  condition: () => Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (performance.now() < deadline && !signal?.aborted) {
    if (await condition().catch(() => false)) return true
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return false
}

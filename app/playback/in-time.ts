/** A question for an address that is not answered by then is asked again. */
const ADDRESS_TIMEOUT_MS = 10_000

/** Null if the answer takes too long. */
export function inTime(address: Promise<string | null>): Promise<string | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), ADDRESS_TIMEOUT_MS))
  return Promise.race([address, late])
}

import { waitUntil } from '../../scripts/stack/wait-until'

/** Fails with the words if the condition does not come true. */
export async function eventually(
  words: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  if (!(await waitUntil(async () => condition(), timeoutMs)))
    throw new Error(`Not in ${timeoutMs} ms: ${words}`)
}

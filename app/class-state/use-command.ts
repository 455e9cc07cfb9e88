import { useCallback, useState } from 'react'
import { useMessages } from '~/i18n/messages'
import type { CommandName, Payload } from './outbox'
import { useClassStore } from './use-class'

/** Asks the class for something, and keeps the words of a no for beside the button that was pressed. */
export function useCommand() {
  const m = useMessages()
  const store = useClassStore()
  const [problem, setProblem] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const run = useCallback(
    async <N extends CommandName>(name: N, payload: Payload<N>): Promise<boolean> => {
      setBusy(true)
      setProblem(null)
      const ack = await store.command(name, payload)
      setBusy(false)
      if (ack.ok) return true
      const { code, message, retryAfterMs } = ack.error
      const waitSeconds = Math.ceil((retryAfterMs ?? 0) / 1_000)
      const limited = code === 'rate_limited' && waitSeconds > 0
      const words = limited ? m.student.rateLimited(waitSeconds) : (m.problems[code] ?? message)
      setProblem(words)
      // "Try again in 15 s" is untrue after them.
      if (limited) setTimeout(() => setProblem((now) => (now === words ? null : now)), retryAfterMs)
      return false
    },
    [store, m],
  )
  return { run, busy, problem }
}

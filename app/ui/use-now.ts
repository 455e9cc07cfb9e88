import { useEffect, useState } from 'react'

/** The time of `clock`, ms, renewed every `everyMs`: for countdowns and waits that are on show. */
export function useNow(clock: () => number, everyMs = 1_000): number {
  const [now, setNow] = useState(clock)
  useEffect(() => {
    const timer = setInterval(() => setNow(clock()), everyMs)
    return () => clearInterval(timer)
  }, [clock, everyMs])
  return now
}

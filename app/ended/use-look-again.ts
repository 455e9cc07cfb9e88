import { useRevalidator } from '@remix-run/react'
import { useEffect } from 'react'

/** A broadcast is wound up in two seconds, the file of an hour made in some more: often enough to see it move. */
const LOOK_MS = 1_500

/** Asks the server again while something on the page is still to come. */
export function useLookAgain(pending: boolean): void {
  const { revalidate } = useRevalidator()
  useEffect(() => {
    if (!pending) return
    const timer = setInterval(revalidate, LOOK_MS)
    return () => clearInterval(timer)
  }, [pending, revalidate])
}

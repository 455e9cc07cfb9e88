import { useEffect, useRef } from 'react'

/** Once round in twice the time between two looks of the origin: it never finds the same colour twice in a row. */
const ROUND_MS = 10_000
const STEP_MS = 200
const CENTRE = 80
const RADIUS = 64

/** A corner whose colour goes round while the page lives: who films it can tell a still slide from a dead browser. */
export function Pulse() {
  const corner = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const timer = setInterval(() => {
      const angle = (2 * Math.PI * (Date.now() % ROUND_MS)) / ROUND_MS
      const red = Math.round(CENTRE + RADIUS * Math.sin(angle))
      const blue = Math.round(CENTRE + RADIUS * Math.cos(angle))
      if (corner.current) corner.current.style.background = `rgb(${red} 0 ${blue})`
    }, STEP_MS)
    return () => clearInterval(timer)
  }, [])
  return <div ref={corner} className="composite-pulse" aria-hidden="true" />
}

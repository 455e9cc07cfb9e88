import { useEffect, useState } from 'react'
import type { ClassModel } from '~/class-state/class-model'
import { type Timeline, valueAt } from '~/class-state/timeline'
import { useClassStore } from '~/class-state/use-class'
import { useReception } from './reception'

/** A frame of the picture is 33 ms: nobody sees that a text is three frames late. */
const LOOK_EVERY_MS = 100

/**
 * The value of a timeline that belongs to the picture on show: the newest over WebRTC, the one that held at the
 * picture's own date in the broadcast. Without a picture nothing can be ahead of it: the newest.
 */
export function useMoment<Value>(pick: (model: ClassModel) => Timeline<Value>): Value | null {
  const store = useClassStore()
  const { shown, player } = useReception()
  const late = shown === 'broadcast' ? player : null
  const look = () => {
    const date = late?.playingDate() ?? null
    const timeline = pick(store.read())
    return date === null ? (timeline.at(-1)?.value ?? null) : valueAt(timeline, date)
  }
  const [value, setValue] = useState(look)
  useEffect(() => {
    const renew = () => setValue(() => look())
    renew()
    const timer = late ? setInterval(renew, LOOK_EVERY_MS) : undefined
    const unsubscribe = store.subscribe(renew)
    return () => {
      clearInterval(timer)
      unsubscribe()
    }
  })
  return value
}

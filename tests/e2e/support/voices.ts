import type { JSHandle, Page } from '@playwright/test'
import { broadcast, listenTo } from './media'
import { type Speaker, voicesHertz } from './stand-in-devices'

/** A voice is 0.3 where it is made; what an encoder leaves of silence is a hundredth of it. */
const HEARD = 0.03
const LOOK_MS = 100

/** Whose voices the broadcast of this page plays now. Its sound must be on. */
export async function heard(page: Page): Promise<Speaker[]> {
  const levels = await (await listen(page)).evaluate((look) => look())
  return (Object.keys(voicesHertz) as Speaker[]).filter((who) => levels[who] > HEARD)
}

/** Listens from now on; asked, it tells for how long at a stretch the voice was not heard since, ms. */
export async function noteSilence(page: Page, who: Speaker): Promise<() => Promise<number>> {
  const look = await listen(page)
  const noted = await look.evaluateHandle(
    (levelsNow, [voice, least, everyMs]) => {
      const silence = { longestMs: 0 }
      let heardAt = performance.now()
      setInterval(() => {
        const now = performance.now()
        if (levelsNow()[voice] > least) heardAt = now
        silence.longestMs = Math.max(silence.longestMs, now - heardAt)
      }, everyMs)
      return silence
    },
    [who, HEARD, LOOK_MS] as const,
  )
  return () => noted.evaluate(({ longestMs }) => longestMs)
}

/** Amplitudes of the voices (Goertzel) over the last 85 ms, whenever called in the page. */
async function listen(page: Page): Promise<JSHandle<() => Record<Speaker, number>>> {
  const ear = await listenTo(broadcast(page))
  return ear.evaluateHandle((analyser, hertz) => {
    const all = new Float32Array(analyser.fftSize)
    const samples = all.subarray(-4_096)
    const amplitude = (frequency: number) => {
      const turn = (2 * Math.PI * frequency) / analyser.context.sampleRate
      const [real, imaginary] = samples.reduce<[number, number]>(
        ([re, im], sample, i) => [re + sample * Math.cos(turn * i), im + sample * Math.sin(turn * i)],
        [0, 0],
      )
      return (2 * Math.hypot(real, imaginary)) / samples.length
    }
    return () => {
      analyser.getFloatTimeDomainData(all)
      return { teacher: amplitude(hertz.teacher), student: amplitude(hertz.student) }
    }
  }, voicesHertz)
}

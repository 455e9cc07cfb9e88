import type { Page } from '@playwright/test'
import { broadcast, listenTo } from './media'
import { type Speaker, voicesHertz } from './stand-in-devices'

/** A voice is 0.3 where it is made; what an encoder leaves of silence is a hundredth of it. */
const HEARD = 0.03

/** Whose voices the broadcast of this page plays now. Its sound must be on. */
export async function heard(page: Page): Promise<Speaker[]> {
  const levels = await listen(page, 0)
  return (Object.keys(voicesHertz) as Speaker[]).filter((who) => (levels[0]?.[who] ?? 0) > HEARD)
}

/** Share of the looks, ten a second while `seconds` of the broadcast are played, in which the voice was not heard. */
export async function silentShare(page: Page, who: Speaker, seconds: number): Promise<number> {
  const levels = await listen(page, seconds)
  return levels.filter((level) => level[who] <= HEARD).length / levels.length
}

/** Amplitudes of the voices (Goertzel), each over the last 85 ms. */
async function listen(page: Page, seconds: number): Promise<Record<Speaker, number>[]> {
  const ear = await listenTo(broadcast(page))
  return broadcast(page).evaluate(
    (element, [analyser, hertz, forSeconds]) => {
      const video = element as HTMLVideoElement
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
      const look = () => {
        analyser.getFloatTimeDomainData(all)
        return { teacher: amplitude(hertz.teacher), student: amplitude(hertz.student) }
      }
      const until = video.currentTime + forSeconds
      const looks = [look()]
      if (forSeconds === 0) return looks
      return new Promise<typeof looks>((resolve) => {
        const timer = setInterval(() => {
          looks.push(look())
          if (video.currentTime < until) return
          clearInterval(timer)
          resolve(looks)
        }, 100)
      })
    },
    [ear, voicesHertz, seconds] as const,
  )
}

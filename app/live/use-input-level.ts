import { useEffect, useState } from 'react'

/** Often enough to look alive, seldom enough for a weak machine. */
const METER_MS = 80

/** Loudness of a microphone, 0 to 1, in steps of a twentieth so that silence renders nothing. */
export function useInputLevel(track: MediaStreamTrack | undefined): number {
  const [level, setLevel] = useState(0)
  useEffect(() => {
    if (!track) return
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 512
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples)
      setLevel(toLevel(samples))
    }, METER_MS)
    return () => {
      clearInterval(timer)
      void context.close()
    }
  }, [track])
  return level
}

/** Root mean square on a scale of decibels: -60 dB is 0, -10 dB (a loud voice) is 1. */
function toLevel(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const decibels = 10 * Math.log10(sum / samples.length || 1e-12)
  return Math.round(Math.min(1, Math.max(0, (decibels + 60) / 50)) * 20) / 20
}

import type { Track } from 'livekit-client'
import { useEffect, useRef } from 'react'
import { arrange } from './arrange'
import { Pulse } from './pulse'
import { type Picture, useComposite } from './use-composite'

/** The stage for a camera that is a browser: nothing to press, everything heard. */
export default function CompositePage({ url, token }: { url: string; token: string }) {
  const { state, pictures, sounds, pinned } = useComposite(url, token)
  const { main, aside } = arrange(pictures, pinned)
  const find = (id: string | undefined) => pictures.find((picture) => picture.id === id)
  return (
    <main className="composite" data-composite={state}>
      <Tile key={main?.id} picture={find(main?.id)} className="composite-main" />
      <Tile key={`aside ${aside?.id}`} picture={find(aside?.id)} className="composite-aside" />
      {sounds.map((track) => (
        <Sound key={track.sid} track={track} />
      ))}
      <Pulse />
    </main>
  )
}

function Tile({ picture, className }: { picture: Picture | undefined; className: string }) {
  const video = useRef<HTMLVideoElement>(null)
  const track = picture?.track
  useEffect(() => {
    const shown = video.current
    if (!track || !shown) return
    track.attach(shown)
    return () => {
      track.detach(shown)
    }
  }, [track])
  if (!picture) return null
  return <video ref={video} className={className} data-source={picture.source} autoPlay playsInline muted />
}

function Sound({ track }: { track: Track }) {
  useEffect(() => {
    const audio = track.attach()
    return () => {
      track.detach(audio)
    }
  }, [track])
  return null
}

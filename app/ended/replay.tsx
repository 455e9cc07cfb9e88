import { useState } from 'react'
import { BroadcastVideo } from '~/playback/broadcast-video'
import { createPlayer } from '~/playback/player'

/** The recorded class, with the browser's own controls. */
export default function Replay({ playlistUrl }: { playlistUrl: string }) {
  const [player] = useState(() =>
    createPlayer({ findAddress: async () => playlistUrl, now: () => Date.now(), live: false }),
  )
  return <BroadcastVideo player={player} native />
}

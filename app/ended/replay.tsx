import { useState } from 'react'
import { useMessages } from '~/i18n/messages'
import { BroadcastVideo } from '~/playback/broadcast-video'
import { createPlayer } from '~/playback/player'
import type { EndedPage } from '../../server/http/pages'
import { Chapters } from './chapters'

type Props = { title: string; replay: NonNullable<EndedPage['replay']> }

/** The recorded class with the browser's own controls, and its chapters beside it. */
export default function Replay({ title, replay }: Props) {
  const m = useMessages()
  const [player] = useState(() =>
    createPlayer({ findAddress: async () => replay.playlistUrl, now: () => Date.now(), live: false }),
  )
  const chapters = replay.chapters.length > 0
  return (
    <section aria-label={m.ended.replayTitle} className={chapters ? 'replay replay-with-chapters' : 'replay'}>
      <BroadcastVideo player={player} title={title} native />
      {chapters && <Chapters player={player} chapters={replay.chapters} />}
    </section>
  )
}

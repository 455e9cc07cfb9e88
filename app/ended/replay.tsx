import { useRevalidator } from '@remix-run/react'
import { useRef, useState } from 'react'
import { useMessages } from '~/i18n/messages'
import { BroadcastVideo } from '~/playback/broadcast-video'
import { createPlayer } from '~/playback/player'
import type { EndedPage } from '../../server/http/pages'
import { Chapters } from './chapters'

type Props = { title: string; replay: NonNullable<EndedPage['replay']> }

/** The recorded class with the browser's own controls, and its chapters beside it. */
export default function Replay({ title, replay }: Props) {
  const m = useMessages()
  const { revalidate } = useRevalidator()
  const newest = useRef(replay.playlistUrl)
  newest.current = replay.playlistUrl
  const [player] = useState(() => {
    // The page is asked for a token that is good again; the player comes back for it.
    const findAddress = async (fresh: boolean) => {
      if (fresh) revalidate()
      return newest.current
    }
    return createPlayer({ findAddress, now: () => Date.now(), live: false })
  })
  const chapters = replay.chapters.length > 0
  return (
    <section aria-label={m.ended.replayTitle} className={chapters ? 'replay replay-with-chapters' : 'replay'}>
      <BroadcastVideo player={player} title={title} native />
      {chapters && <Chapters player={player} chapters={replay.chapters} />}
    </section>
  )
}

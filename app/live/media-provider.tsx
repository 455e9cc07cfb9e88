import { useRoomContext } from '@livekit/components-react'
import { createContext, type ReactNode, useContext, useEffect, useRef } from 'react'
import { useClass } from '~/class-state/use-class'
import { unpublishAll, useMedia } from './use-media'
import { useSentAgain } from './use-sent-again'

/** What a person chose to send when they said "Join the stage". */
export type StageEntry = { microphone: boolean; camera: boolean }
type Media = ReturnType<typeof useMedia> & { enterWith(entry: StageEntry): void }
const MediaContext = createContext<Media | null>(null)

export function useOwnMedia(): Media {
  const media = useContext(MediaContext)
  if (!media) throw new Error('useOwnMedia outside of MediaProvider')
  return media
}

/** This person's microphone and camera: sent only while they may, and only as they said. */
export function MediaProvider({ children }: { children: ReactNode }) {
  const room = useRoomContext()
  const media = useMedia()
  const staff = useClass(({ you }) => you !== null && you.role !== 'student')
  const onStage = useClass(({ you }) => you?.stage !== undefined)
  const grade = useClass(({ you }) => you?.stage?.grade)
  const entry = useRef<StageEntry | null>(null)
  const { setMicrophone, setCamera } = media

  useEffect(() => {
    const chosen = entry.current
    if (!onStage || !chosen) return
    entry.current = null
    void (async () => {
      if (chosen.microphone) await setMicrophone(true)
      if (chosen.camera && grade === 'video') await setCamera(true)
    })()
  }, [onStage, grade, setMicrophone, setCamera])

  const mayPublish = staff || onStage
  useSentAgain(media, { publish: mayPublish, camera: staff || grade === 'video' })
  useEffect(() => {
    if (!mayPublish) void unpublishAll(room)
  }, [mayPublish, room])

  const enterWith = (chosen: StageEntry) => {
    entry.current = chosen
  }
  return <MediaContext.Provider value={{ ...media, enterWith }}>{children}</MediaContext.Provider>
}

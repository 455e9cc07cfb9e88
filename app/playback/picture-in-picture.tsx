import { useEffect, useState } from 'react'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { BROADCAST_ELEMENT } from './broadcast-video'

/** The class in a small window above everything else, where the browser has that. */
export function PictureInPicture() {
  const m = useMessages()
  const [possible, setPossible] = useState(false)
  useEffect(() => setPossible(document.pictureInPictureEnabled === true), [])
  if (!possible) return null
  const toggle = async () => {
    const video = document.getElementById(BROADCAST_ELEMENT)
    if (document.pictureInPictureElement) await document.exitPictureInPicture()
    else if (video instanceof HTMLVideoElement) await video.requestPictureInPicture()
  }
  return (
    <Button small iconOnly icon="pip" onClick={() => void toggle().catch(() => undefined)}>
      {m.playback.pictureInPicture}
    </Button>
  )
}

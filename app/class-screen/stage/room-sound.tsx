import { RoomAudioRenderer, useAudioPlayback, useRoomContext } from '@livekit/components-react'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'

/** Everybody's sound over WebRTC; browsers that want a gesture first get a button for it. */
export function RoomSound() {
  const m = useMessages()
  const room = useRoomContext()
  const { canPlayAudio, startAudio } = useAudioPlayback(room)
  return (
    <>
      <RoomAudioRenderer />
      {!canPlayAudio && (
        <div className="row controls">
          <Button small look="primary" icon="sound" onClick={() => void startAudio()}>
            {m.sound.on}
          </Button>
        </div>
      )}
    </>
  )
}

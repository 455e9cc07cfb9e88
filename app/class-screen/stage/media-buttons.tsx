import { useMessages } from '~/i18n/messages'
import { useOwnMedia } from '~/live/media-provider'
import { Button } from '~/ui/button'
import { Problem } from '~/ui/problem'

/** One's own microphone, and camera where it may be sent. */
export function MediaButtons({ camera }: { camera: boolean }) {
  const m = useMessages()
  const media = useOwnMedia()
  return (
    <>
      <Button
        icon={media.microphoneOn ? 'mic' : 'mic-off'}
        on={media.microphoneOn}
        disabled={media.busy}
        onClick={() => void media.setMicrophone(!media.microphoneOn)}
      >
        {media.microphoneOn ? m.onStage.muteMicrophone : m.onStage.unmuteMicrophone}
      </Button>
      {camera && (
        <Button
          icon={media.cameraOn ? 'camera' : 'camera-off'}
          on={media.cameraOn}
          disabled={media.busy}
          onClick={() => void media.setCamera(!media.cameraOn)}
        >
          {media.cameraOn ? m.onStage.cameraOff : m.onStage.cameraOn}
        </Button>
      )}
    </>
  )
}

export function MediaProblemWords() {
  const m = useMessages()
  const { problems } = useOwnMedia()
  return (
    <Problem>{problems.map(({ device, error }) => m.devices[device](m.devices[error])).join(' ')}</Problem>
  )
}

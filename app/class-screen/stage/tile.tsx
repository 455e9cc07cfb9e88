import { type TrackReference, useIsSpeaking, VideoTrack } from '@livekit/components-react'
import { type Participant, Track } from 'livekit-client'
import { useMessages } from '~/i18n/messages'
import { Icon } from '~/ui/icon'

type Props = { tracks: TrackReference[]; screen: boolean; large?: boolean; onFirstFrame(): void }

/** One person's camera, or what they share; their name either way. */
export function Tile({ tracks, screen, large, onFirstFrame }: Props) {
  const [any] = tracks
  if (!any) return null
  const wanted = screen ? Track.Source.ScreenShare : Track.Source.Camera
  const picture = tracks.find(({ source, publication }) => source === wanted && !publication.isMuted)
  return (
    <Face
      participant={any.participant}
      picture={picture}
      muted={
        !tracks.some(({ source, publication }) => source === Track.Source.Microphone && !publication.isMuted)
      }
      screen={screen}
      large={large === true}
      onFirstFrame={onFirstFrame}
    />
  )
}

type FaceProps = {
  participant: Participant
  picture: TrackReference | undefined
  muted: boolean
  screen: boolean
  large: boolean
  onFirstFrame(): void
}

function Face({ participant, picture, muted, screen, large, onFirstFrame }: FaceProps) {
  const m = useMessages()
  const speaking = useIsSpeaking(participant)
  const name = participant.isLocal ? m.stage.you : participant.name || participant.identity
  const sharing = participant.isLocal ? m.stage.youShare : m.stage.sharing(name)
  const label = screen ? sharing : name
  const classes = [
    'tile',
    large && 'tile-large',
    screen && 'tile-screen',
    speaking && !screen && 'tile-speaking',
  ]
  return (
    <figure className={classes.filter(Boolean).join(' ')} data-person={participant.identity}>
      {picture ? (
        <VideoTrack
          trackRef={picture}
          aria-label={label}
          className={participant.isLocal && !screen ? 'mirrored' : undefined}
          onLoadedData={participant.isLocal ? undefined : onFirstFrame}
        />
      ) : (
        <span className="avatar" aria-hidden="true">
          {initials(name)}
        </span>
      )}
      <figcaption>
        {!screen && muted && <Icon name="mic-off" />}
        <span className="ellipsis">{label}</span>
        {!screen && muted && <span className="visually-hidden">, {m.stage.microphoneOff}</span>}
      </figcaption>
    </figure>
  )
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
}

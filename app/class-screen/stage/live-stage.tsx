import { type TrackReference, useTracks } from '@livekit/components-react'
import { Track } from 'livekit-client'
import { useEffect } from 'react'
import { useView } from '~/class-state/use-class'
import { useLive } from '~/live/live-provider'
import { useReception } from '../reception'
import { EmptyStage } from './empty-stage'
import { Tile } from './tile'
import { arrangeTiles, type Seen, type TileKey } from './tiles'

const sources = [Track.Source.Camera, Track.Source.Microphone, Track.Source.ScreenShare]
/** A camera that is on shows its first frame within that time; later means that there is none to wait for. */
const NOBODY_VISIBLE_MS = 1_500

/** Everybody who sends something, over WebRTC. */
export function LiveStage() {
  const tracks = useTracks(sources)
  const pinned = useView((view) => view.pinned)
  const { state } = useLive()
  const { livePlays } = useReception()
  const { main, others } = arrangeTiles(toSeen(tracks), pinned)
  const connected = state === 'connected'
  const nothingToSee = connected && !tracks.some(isRemotePicture)
  useEffect(() => {
    if (!nothingToSee) return
    const timer = setTimeout(livePlays, NOBODY_VISIBLE_MS)
    return () => clearTimeout(timer)
  }, [nothingToSee, livePlays])

  if (main === null) return connected ? <EmptyStage /> : null
  return (
    <div className={others.length > 0 ? 'tiles tiles-with-strip' : 'tiles'}>
      <Tile
        key={main}
        large
        tracks={tracksOf(main, tracks)}
        screen={isScreen(main)}
        onFirstFrame={livePlays}
      />
      {others.length > 0 && (
        <ul className="strip">
          {others.map((key) => (
            <li key={key}>
              <Tile tracks={tracksOf(key, tracks)} screen={isScreen(key)} onFirstFrame={livePlays} />
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

const isScreen = (key: TileKey) => key.startsWith('screen:')
const isPicture = ({ source, publication }: TrackReference) =>
  source !== Track.Source.Microphone && !publication.isMuted
const isRemotePicture = (track: TrackReference) => isPicture(track) && !track.participant.isLocal

function tracksOf(key: TileKey, tracks: TrackReference[]): TrackReference[] {
  const identity = key.slice(key.indexOf(':') + 1)
  return tracks.filter(({ participant }) => participant.identity === identity)
}

function toSeen(tracks: TrackReference[]): Seen[] {
  const seen = new Map<string, Seen>()
  for (const track of tracks) {
    const { participant, source } = track
    const known = seen.get(participant.identity) ?? {
      identity: participant.identity,
      camera: false,
      screen: false,
      staff: isStaffMetadata(participant.metadata),
      joinedAt: participant.joinedAt?.getTime() ?? 0,
    }
    seen.set(participant.identity, {
      ...known,
      camera: known.camera || (source === Track.Source.Camera && isPicture(track)),
      screen: known.screen || source === Track.Source.ScreenShare,
    })
  }
  return [...seen.values()]
}

/** `metadataRole` of the media rights, as server/livekit writes it. */
function isStaffMetadata(metadata: string | undefined): boolean {
  return /teacher|assistant/.test(metadata ?? '')
}

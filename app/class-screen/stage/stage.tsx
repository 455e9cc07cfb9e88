import { useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { AsideVideo } from '~/playback/aside-video'
import { BroadcastControls } from '~/playback/broadcast-controls'
import { BroadcastVideo } from '~/playback/broadcast-video'
import { useReception } from '../reception'
import { LiveStage } from './live-stage'
import { LiveTrouble } from './live-trouble'
import { RoomSound } from './room-sound'

/** The picture of the class. While one picture takes over from the other, both are here and the older one is on top. */
export function Stage({ id }: { id?: string }) {
  const m = useMessages()
  const { shown, mounted, player, findAside, broadcastPlays, broadcastLost } = useReception()
  const title = useView((view) => view.title)
  const broadcast = useView((view) => view.broadcast.state)
  return (
    <section id={id} aria-label={m.stage.region} className="stage" data-picture={shown}>
      <div className="stage-pictures">
        {mounted.live && (
          <div className={shown === 'live' ? 'layer' : 'layer layer-coming'} aria-hidden={shown !== 'live'}>
            <LiveStage />
          </div>
        )}
        {mounted.broadcast && player && (
          <div
            className={shown === 'broadcast' ? 'layer' : 'layer layer-coming'}
            aria-hidden={shown !== 'broadcast'}
          >
            <BroadcastVideo
              player={player}
              title={title}
              onPlays={broadcastPlays}
              onLost={broadcastLost}
              ready={broadcast === 'on' || broadcast === 'restarting'}
              restarting={broadcast === 'restarting'}
            />
            <AsideVideo player={player} findUrl={findAside} />
          </div>
        )}
        {shown === 'live' && <LiveTrouble />}
      </div>
      {shown === 'broadcast' && player && <BroadcastControls player={player} />}
      {shown === 'live' && <RoomSound />}
    </section>
  )
}

import { useClassStore } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { useLive } from '~/live/live-provider'
import { Button } from '~/ui/button'

/** Words over the picture while it is not moving. */
export function LiveTrouble() {
  const m = useMessages()
  const store = useClassStore()
  const { state, continueHere } = useLive()
  if (state === 'connected' || state === 'idle') return null
  if (state !== 'elsewhere') {
    return (
      <p className="picture-words" role="status">
        {state === 'connecting' ? m.stage.connecting : m.stage.liveLost}
      </p>
    )
  }
  const takeOver = () => {
    void store.command('person:takeover', {})
    continueHere()
  }
  return (
    <div className="picture-words" role="status">
      <p>{m.stage.elsewhere}</p>
      <Button look="primary" onClick={takeOver}>
        {m.connection.continueHere}
      </Button>
    </div>
  )
}

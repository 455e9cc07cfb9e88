import { useEffect, useRef, useState } from 'react'
import { useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'

/** To everyone in the class: that it is recorded, since when, and aloud when that changes while they are in it. */
export function RecordedNotice() {
  const m = useMessages()
  const since = useView((view) => view.recordedSince)
  const willBe = useView((view) => view.phase === 'draft' && view.settings.recording === 'on')
  const recorded = since !== undefined
  const was = useRef(recorded)
  const [changed, setChanged] = useState('')
  useEffect(() => {
    if (was.current === recorded) return
    was.current = recorded
    setChanged(recorded ? m.recording.switchedOn : m.recording.switchedOff)
  }, [recorded, m])
  return (
    <>
      {recorded && (
        <span className="badge badge-live" title={m.recording.since(new Date(since))}>
          <span className="dot" aria-hidden="true" />
          {m.recording.notice}
        </span>
      )}
      {willBe && (
        <span className="badge badge-warn" title={m.recording.willBe}>
          {m.recording.notice}
        </span>
      )}
      <span role="status" aria-label={m.recording.region} className="visually-hidden">
        {changed}
      </span>
    </>
  )
}

import { useMessages } from '~/i18n/messages'
import type { EndedPage } from '../../server/http/pages'

const MEGABYTE = 1_000_000

/** For staff: the one file of the recording, or how far it is. */
export function RecordingFile({ recording }: { recording: NonNullable<EndedPage['recording']> }) {
  const m = useMessages()
  switch (recording.state) {
    case 'none':
    case 'on':
    case 'deleted':
      return null
    case 'failed':
      return <p role="status">{m.ended.file.failed}</p>
    case 'waiting':
      return <p role="status">{m.ended.file.waiting}</p>
    case 'making':
      return (
        <p>
          <label className="stack stack-tight">
            {m.ended.file.making}
            <progress value={recording.share} max={1} />
          </label>
        </p>
      )
    case 'ready':
      return (
        <a className="button" href={recording.downloadUrl} download>
          {m.ended.file.download}
          <span className="muted numbers">{m.ended.file.size(Math.ceil(recording.bytes / MEGABYTE))}</span>
        </a>
      )
  }
}

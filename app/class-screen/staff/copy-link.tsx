import { useState } from 'react'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'

type Props = { label: string; link: string }

/** Puts a link on the clipboard; where a page may not, it shows the link for copying by hand. */
export function CopyLink({ label, link }: Props) {
  const m = useMessages()
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(link)
      setOutcome('copied')
    } catch {
      setOutcome('failed')
    }
  }

  return (
    <>
      <Button small icon={outcome === 'copied' ? 'check' : 'link'} onClick={() => void copy()}>
        {label}
      </Button>
      <span role="status" className="small muted copied">
        {outcome === 'copied' && m.teacher.copied}
        {outcome === 'failed' && m.teacher.copyFailed}
      </span>
      {outcome === 'failed' && (
        <input
          className="input"
          readOnly
          aria-label={label}
          value={link}
          onFocus={(event) => event.target.select()}
        />
      )}
    </>
  )
}

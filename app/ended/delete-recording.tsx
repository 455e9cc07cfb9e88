import { useFetcher } from '@remix-run/react'
import { useState } from 'react'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { ModalDialog } from '~/ui/dialog'
import { Problem } from '~/ui/problem'
import type { PageProblem } from '../../server/http/pages'

/** For the teacher, after asking: nothing brings it back. */
export function DeleteRecording() {
  const m = useMessages()
  const [asking, setAsking] = useState(false)
  const fetcher = useFetcher<{ problem?: PageProblem }>()
  const problem = fetcher.data?.problem
  const close = () => setAsking(false)
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        {m.ended.remove.button}
      </Button>
      {asking && (
        <ModalDialog title={m.ended.remove.title} onClose={close}>
          <p>{m.ended.remove.detail}</p>
          <fetcher.Form method="post" className="row">
            <Button onClick={close}>{m.ended.remove.no}</Button>
            <Button
              type="submit"
              name="intent"
              value="delete-recording"
              look="danger"
              disabled={fetcher.state !== 'idle'}
            >
              {m.ended.remove.button}
            </Button>
          </fetcher.Form>
          <Problem>{problem?.detail}</Problem>
        </ModalDialog>
      )}
    </>
  )
}

import { Form, useNavigation } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { TextField } from '~/ui/field'
import { Problem } from '~/ui/problem'
import { defaultSettings } from '../../server/classroom/settings'
import type { PageProblem } from '../../server/http/pages'

export function CreateClassForm({ problem }: { problem: PageProblem | undefined }) {
  const m = useMessages()
  const busy = useNavigation().formData?.has('title') === true
  return (
    <Form method="post" className="stack">
      <TextField
        label={m.start.title}
        hint={m.start.titleHint}
        name="title"
        required
        maxLength={200}
        autoComplete="off"
      />
      <TextField
        label={m.start.seats}
        hint={m.start.seatsHint}
        name="seats"
        type="number"
        min={0}
        step={1}
        inputMode="numeric"
        defaultValue={defaultSettings.seats}
        required
      />
      <Problem>{problem?.detail}</Problem>
      <Button type="submit" look="primary" disabled={busy}>
        {busy ? m.start.creating : m.start.create}
      </Button>
    </Form>
  )
}

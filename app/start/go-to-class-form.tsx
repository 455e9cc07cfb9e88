import { Form } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { TextField } from '~/ui/field'

export function GoToClassForm() {
  const m = useMessages()
  return (
    <section className="card" aria-labelledby="go-heading">
      <h2 id="go-heading">{m.start.joinHeading}</h2>
      <Form method="post" className="stack">
        <TextField
          label={m.start.code}
          name="code"
          required
          maxLength={32}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
        />
        <Button type="submit">{m.start.go}</Button>
      </Form>
    </section>
  )
}

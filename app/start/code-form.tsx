import { Form } from '@remix-run/react'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { TextField } from '~/ui/field'

/** From the code of a class to the page where one enters it. */
export function CodeForm() {
  const m = useMessages()
  return (
    <Form method="post" action="/?index" className="stack">
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
  )
}

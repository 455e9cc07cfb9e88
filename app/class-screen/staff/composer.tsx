import { type FormEvent, useState } from 'react'
import { useView } from '~/class-state/use-class'
import { useCommand } from '~/class-state/use-command'
import { directionOf, languageName } from '~/i18n/languages'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { SelectField, TextArea } from '~/ui/field'
import { Panel } from '~/ui/panel'
import { Problem } from '~/ui/problem'

const LONGEST_TEXT = 2_000

/** Puts a text on every screen, for each in the language they chose. */
export function Composer({ id }: { id?: string }) {
  const m = useMessages()
  const languages = useView((view) => view.settings.languages)
  const something = useView((view) => view.screen !== null)
  const { run, busy, problem } = useCommand()
  const [text, setText] = useState('')
  const [language, setLanguage] = useState(languages[0] ?? 'en')
  const [written, setWritten] = useState<Record<string, string>>({})
  const others = languages.filter((other) => other !== language)

  async function show(event: FormEvent): Promise<void> {
    event.preventDefault()
    const translations = Object.fromEntries(
      others.flatMap((other) => (written[other]?.trim() ? [[other, written[other].trim()]] : [])),
    )
    const item = {
      text: text.trim(),
      language,
      ...(Object.keys(translations).length > 0 && { translations }),
    }
    if (item.text && (await run('screen:show', item))) {
      setText('')
      setWritten({})
    }
  }

  return (
    <Panel title={m.composer.region} id={id}>
      <form className="stack" onSubmit={show}>
        <div className="composer-row">
          <TextArea
            label={m.composer.text}
            rows={2}
            maxLength={LONGEST_TEXT}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <SelectField
            label={m.composer.language}
            value={language}
            onChange={(event) => setLanguage(event.target.value)}
          >
            {languages.map((tag) => (
              <option key={tag} value={tag}>
                {languageName(tag)}
              </option>
            ))}
          </SelectField>
        </div>
        <fieldset className="stack" hidden={others.length === 0}>
          <legend className="legend">{m.composer.translations}</legend>
          {others.map((other) => (
            <TextArea
              key={other}
              label={languageName(other)}
              lang={other}
              dir={directionOf(other)}
              rows={1}
              maxLength={LONGEST_TEXT}
              value={written[other] ?? ''}
              onChange={(event) => setWritten({ ...written, [other]: event.target.value })}
            />
          ))}
        </fieldset>
        <div className="row">
          <Button type="submit" look="primary" disabled={busy || text.trim() === ''}>
            {m.composer.show}
          </Button>
          <Button disabled={busy || !something} onClick={() => void run('screen:clear', {})}>
            {m.composer.clear}
          </Button>
        </div>
        <Problem>{problem}</Problem>
      </form>
    </Panel>
  )
}

import { Form, useNavigation } from '@remix-run/react'
import { ownLanguageName } from '~/i18n/languages'
import { useMessages } from '~/i18n/messages'
import { Button } from '~/ui/button'
import { SelectField, TextField } from '~/ui/field'
import { Problem } from '~/ui/problem'
import type { JoinPage, PageProblem } from '../../server/http/pages'

type Props = { join: JoinPage; problem: PageProblem | undefined }

export function JoinForm({ join, problem }: Props) {
  const m = useMessages()
  const busy = useNavigation().state === 'submitting'
  return (
    <>
      <div className="stack">
        <h1>{join.title}</h1>
        <p className="row">
          <span className={join.phase === 'live' ? 'badge badge-live' : 'badge'}>
            {m.bar.phase[join.phase]}
          </span>
          {join.phase === 'draft' && <span className="muted small">{m.join.phase.draft}</span>}
        </p>
        {join.recorded && join.phase !== 'ended' && (
          <p className="callout">
            <strong>{m.join.recorded}</strong>. {m.join.recordedDetail}
          </p>
        )}
      </div>
      {join.phase === 'ended' && <p>{m.join.problems.class_ended}</p>}
      {join.already && (
        <div className="stack stack-tight">
          <a className="button button-primary" href={join.already.link}>
            {m.join.continueAs(join.already.name)}
          </a>
          {join.phase !== 'ended' && <p className="muted small">{m.join.or}</p>}
        </div>
      )}
      {join.phase !== 'ended' && (
        <Form method="post" className="stack">
          {join.role !== 'student' && <p className="muted">{m.join.asRole(m.start.role[join.role])}</p>}
          <TextField label={m.join.name} name="name" required maxLength={80} autoComplete="name" />
          <SelectField label={m.join.language} hint={m.join.languageHint} name="language">
            {join.languages.map((language) => (
              <option key={language} value={language} lang={language}>
                {ownLanguageName(language)}
              </option>
            ))}
          </SelectField>
          <Problem>{problem && (m.join.problems[problem.code] ?? problem.detail)}</Problem>
          <Button type="submit" look={join.already ? 'plain' : 'primary'} disabled={busy}>
            {busy ? m.join.joining : m.join.join}
          </Button>
        </Form>
      )}
    </>
  )
}

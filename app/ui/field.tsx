import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'

type Words = { label: string; hint?: ReactNode; problem?: string | null }

function Frame({ id, label, hint, problem, children }: Words & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem && (
        <p className="problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  )
}

function described(id: string, { hint, problem }: Words) {
  const ids = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean).join(' ')
  return { 'aria-describedby': ids || undefined, 'aria-invalid': problem ? true : undefined }
}

export function TextField({ label, hint, problem, ...rest }: Words & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  const words = { label, hint, problem }
  return (
    <Frame id={id} {...words}>
      <input id={id} className="input" {...described(id, words)} {...rest} />
    </Frame>
  )
}

export function TextArea({
  label,
  hint,
  problem,
  ...rest
}: Words & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId()
  const words = { label, hint, problem }
  return (
    <Frame id={id} {...words}>
      <textarea id={id} className="input" dir="auto" {...described(id, words)} {...rest} />
    </Frame>
  )
}

export function SelectField({
  label,
  hint,
  problem,
  children,
  ...rest
}: Words & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  const words = { label, hint, problem }
  return (
    <Frame id={id} {...words}>
      <select id={id} className="input" {...described(id, words)} {...rest}>
        {children}
      </select>
    </Frame>
  )
}

type Props = { label: string; checked: boolean; onChange(checked: boolean): void; disabled?: boolean }

export function Switch({ label, checked, onChange, disabled }: Props) {
  return (
    <label className="switch">
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        aria-checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
      {label}
    </label>
  )
}

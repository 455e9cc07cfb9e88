import type { ButtonHTMLAttributes } from 'react'
import { Icon, type IconName } from './icon'

type Props = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: 'plain' | 'primary' | 'danger' | 'quiet'
  icon?: IconName
  small?: boolean
  /** Shown as switched on, without a word for assistive technology: use `aria-pressed` where it is a toggle. */
  on?: boolean
  /** The words are for assistive technology and the tooltip only. */
  iconOnly?: boolean
}

export function Button({ look = 'plain', icon, small, on, iconOnly, className, children, ...rest }: Props) {
  const classes = ['button', `button-${look}`, small && 'button-small', on && 'button-on']
  if (iconOnly) classes.push('button-icon')
  if (className) classes.push(className)
  return (
    <button type="button" className={classes.filter(Boolean).join(' ')} {...rest}>
      {icon && <Icon name={icon} />}
      {iconOnly ? <span className="visually-hidden">{children}</span> : children}
    </button>
  )
}

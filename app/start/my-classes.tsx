import { useMessages } from '~/i18n/messages'
import type { MyClass } from '../../server/http/pages'

export function MyClasses({ classes }: { classes: MyClass[] }) {
  const m = useMessages()
  return (
    <section className="card">
      <h2 id="my-classes">{m.start.myClasses}</h2>
      <ul className="list-links" aria-labelledby="my-classes">
        {classes.map((mine) => (
          <li key={mine.personId}>
            <a href={mine.link}>
              <span className="grow">
                <span className="ellipsis list-title">{mine.title}</span>
                <span className="muted small">
                  <bdi>{mine.name}</bdi>
                  {mine.name !== m.start.role[mine.role] && `, ${m.start.role[mine.role]}`}
                </span>
              </span>
              <span className={mine.phase === 'live' ? 'badge badge-live' : 'badge'}>
                {m.bar.phase[mine.phase]}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

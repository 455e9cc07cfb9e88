import { useDeferredValue, useMemo, useState } from 'react'
import { useView } from '~/class-state/use-class'
import { useMessages } from '~/i18n/messages'
import { Panel } from '~/ui/panel'
import { findPeople, findWaiting } from './people-list'
import { PersonRow } from './person-row'
import { WaitingLine } from './waiting-line'

/** Enough to look through; more are found by name. */
const ROWS_SHOWN = 40
const nobody = {}

export function People({ id }: { id?: string }) {
  const m = useMessages()
  const people = useView((view) => view.people ?? nobody)
  const [wanted, setWanted] = useState('')
  const looked = useDeferredValue(wanted)
  const found = useMemo(() => findPeople(people, looked), [people, looked])
  const waiting = useMemo(() => findWaiting(people), [people])
  return (
    <Panel title={m.people.region} id={id} count={found.length} className="people">
      <input
        type="search"
        className="input"
        aria-label={m.people.find}
        placeholder={m.people.find}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
      />
      <div className="people-rows">
        {waiting.length > 0 && <WaitingLine waiting={waiting} />}
        {found.length === 0 && <p className="muted small">{looked ? m.people.none : m.people.empty}</p>}
        <ul className="rows rows-tight">
          {found.slice(0, ROWS_SHOWN).map((person) => (
            <PersonRow key={person.personId} person={person} />
          ))}
        </ul>
        {found.length > ROWS_SHOWN && (
          <p className="muted small">{m.people.truncated(found.length - ROWS_SHOWN)}</p>
        )}
      </div>
    </Panel>
  )
}

import type { PersonView } from '../../../server/classroom/view'

/** Who is in the class now and bears something like `wanted` in their name: staff first, then as they came. */
export function findPeople(people: Readonly<Record<string, PersonView>>, wanted: string): PersonView[] {
  const words = fold(wanted).split(/\s+/).filter(Boolean)
  return Object.values(people)
    .filter(({ tier, name }) => (tier === 'seat' || tier === 'overflow') && matches(name, words))
    .sort(
      (a, b) =>
        Number(a.role === 'student') - Number(b.role === 'student') || (a.since ?? 0) - (b.since ?? 0),
    )
}

/** The line before the door, as they came. */
export function findWaiting(people: Readonly<Record<string, PersonView>>): PersonView[] {
  return Object.values(people)
    .filter(({ tier }) => tier === 'waiting')
    .sort((a, b) => (a.since ?? 0) - (b.since ?? 0))
}

function matches(name: string, words: string[]): boolean {
  const folded = fold(name)
  return words.every((word) => folded.includes(word))
}

/** "Zoë" is found by "zoe". */
function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
}

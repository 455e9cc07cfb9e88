import type { Random } from './random'

/** Given names, by the language of the one who has it. */
const names: Record<string, readonly string[]> = {
  en: ['Amelia', 'Ben', 'Chloe', 'Dylan', 'Erin', 'Finn', 'Grace', 'Harvey', 'Isla', 'Jack', 'Kayla', 'Liam'],
  de: ['Anna', 'Björn', 'Clara', 'Dennis', 'Emma', 'Fabian', 'Greta', 'Jörg', 'Käthe', 'Lukas', 'Mia', 'Uwe'],
  ar: ['أحمد', 'ليلى', 'يوسف', 'مريم', 'عمر', 'نور', 'خالد', 'سلمى', 'حسن', 'هدى', 'سامي', 'رنا'],
  es: ['Álvaro', 'Begoña', 'Carmen', 'Diego', 'Elena', 'Íñigo', 'José', 'Lucía', 'Mateo', 'Nuria', 'Sofía'],
  fr: ['Aurélie', 'Benoît', 'Chloé', 'Élodie', 'François', 'Hélène', 'Inès', 'Léa', 'Loïc', 'Noémie', 'Théo'],
  /** Who studies abroad: names of anywhere in a class of any language. */
  other: [
    'Ayşe',
    'Chidi',
    'Dmytro',
    'Ewa',
    'Hiroshi',
    'Ji-woo',
    'Linh',
    'Nikos',
    'Olena',
    'Priya',
    'Zsófia',
    '明',
  ],
}
const INITIALS = 'ABCDEFGHIJKLMNOPRSTUVWZ'
const ABROAD_SHARE = 0.2

/** A name as people type it into a join page. */
export function inventName(language: string, random: Random): string {
  const own = names[language.split('-')[0] ?? ''] ?? names.other
  const list = random.next() < ABROAD_SHARE ? names.other : own
  const name = random.pick(list ?? []) ?? 'Kim'
  return `${name} ${random.pick([...INITIALS])}.`
}

/** Scripts written from right to left, by the languages that use them when the tag names no script (CLDR). */
const RIGHT_TO_LEFT_LANGUAGES = new Set([
  'ar',
  'arc',
  'ckb',
  'dv',
  'fa',
  'he',
  'iw',
  'ks',
  'nqo',
  'ps',
  'sd',
  'syr',
  'ug',
  'ur',
  'yi',
])
const RIGHT_TO_LEFT_SCRIPTS = new Set(['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Rohg'])

export function directionOf(language: string): 'ltr' | 'rtl' {
  const [primary = '', ...subtags] = language.split('-')
  const script = subtags.find((subtag) => /^[A-Za-z]{4}$/.test(subtag))
  if (script) return RIGHT_TO_LEFT_SCRIPTS.has(toTitleCase(script)) ? 'rtl' : 'ltr'
  return RIGHT_TO_LEFT_LANGUAGES.has(primary.toLowerCase()) ? 'rtl' : 'ltr'
}

/** "German" for "de", in the words of the interface; the tag itself where nobody knows a name. */
export function languageName(language: string, interfaceLanguage = 'en'): string {
  try {
    return new Intl.DisplayNames([interfaceLanguage], { type: 'language' }).of(language) ?? language
  } catch {
    return language
  }
}

/** What the reader calls it: "Deutsch", "العربية". */
export function ownLanguageName(language: string): string {
  return languageName(language, language)
}

function toTitleCase(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()
}

/** The language of the class that serves somebody who reads `wanted` (BCP 47), as RFC 4647 "lookup" would find it. */
export function chooseLanguage(languages: readonly string[], wanted: string | undefined): string {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
  const primary = (tag: string) => tag.split('-')[0] ?? tag
  return (
    languages.find((tag) => wanted && same(tag, wanted)) ??
    languages.find((tag) => wanted && same(primary(tag), primary(wanted))) ??
    languages[0] ??
    'en'
  )
}

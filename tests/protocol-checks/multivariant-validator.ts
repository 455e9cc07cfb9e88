/** Of every rendition that has pictures (RFC 8216bis, 4.4.6.2; what it only recommends, we require). */
const ALWAYS = ['BANDWIDTH', 'AVERAGE-BANDWIDTH', 'CODECS']
const WITH_PICTURES = ['RESOLUTION', 'FRAME-RATE']
const PICTURES = /avc[13]\./

/** What is wrong with a multivariant playlist, a sentence for each. Empty: nothing. */
export function checkMultivariant(text: string): string[] {
  const lines = text.split('\n')
  const problems: string[] = []
  if (lines[0] !== '#EXTM3U') problems.push('no #EXTM3U')
  if (lines.at(-1) !== '') problems.push('no end of the last line')
  if (lines.filter((line) => line.startsWith('#EXT-X-VERSION:')).length !== 1)
    problems.push('not one version')
  if (lines.some((line) => /^#EXT(INF|-X-PART|-X-TARGETDURATION|-X-MEDIA-SEQUENCE)/.test(line))) {
    problems.push('tags of a media playlist')
  }
  const uris: string[] = []
  for (const [index, line] of lines.entries()) {
    const isUri = line !== '' && !line.startsWith('#')
    const isVariant = line.startsWith('#EXT-X-STREAM-INF:')
    if (isUri && !lines[index - 1]?.startsWith('#EXT-X-STREAM-INF:'))
      problems.push(`${line} is of no variant`)
    if (isUri) uris.push(line)
    if (isVariant && (lines[index + 1] ?? '') === '') problems.push('a variant without a playlist')
    if (isVariant) problems.push(...checkVariant(line))
  }
  if (uris.length === 0) problems.push('no variant')
  if (new Set(uris).size < uris.length) problems.push('a playlist twice')
  return problems
}

function checkVariant(line: string): string[] {
  const found = [...line.slice(line.indexOf(':') + 1).matchAll(/([A-Z-]+)=("[^"]*"|[^,]*)(?:,|$)/g)]
  const attributes = new Map(found.map(([, name = '', value = '']) => [name, value]))
  const problems: string[] = []
  if (attributes.size < found.length) problems.push(`an attribute twice: ${line}`)
  const expected = PICTURES.test(attributes.get('CODECS') ?? '') ? [...ALWAYS, ...WITH_PICTURES] : ALWAYS
  for (const name of expected) if (!attributes.has(name)) problems.push(`no ${name}: ${line}`)
  const peak = Number(attributes.get('BANDWIDTH'))
  const average = Number(attributes.get('AVERAGE-BANDWIDTH'))
  if (!(Number.isInteger(peak) && Number.isInteger(average) && average <= peak && average > 0)) {
    problems.push(`bit rates: ${line}`)
  }
  const size = attributes.get('RESOLUTION')
  if (size !== undefined && !/^[1-9]\d*x[1-9]\d*$/.test(size)) problems.push(`resolution: ${line}`)
  const rate = attributes.get('FRAME-RATE')
  if (rate !== undefined && !(Number(rate) > 0)) problems.push(`frame rate: ${line}`)
  return problems
}

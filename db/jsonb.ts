/**
 * JSON that Postgres takes. jsonb knows neither U+0000 nor half a surrogate pair, but people can send both: one such
 * text must not keep a whole class from being archived.
 */
export function toJsonb(value: unknown): string {
  const text = JSON.stringify(value)
  // Both can only stand in JSON as escapes.
  return /\\u(0000|d[89a-f])/i.test(text) ? JSON.stringify(value, (_key, v) => toStorable(v)) : text
}

function toStorable(value: unknown): unknown {
  return typeof value === 'string'
    ? value.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd')
    : value
}

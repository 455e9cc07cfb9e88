/**
 * Reads the text of a `.env` file: NAME=value lines, `#` comments, optional quotes. Node 20.0 to 20.11 has no
 * parser of its own.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseEnvFile(text) {
  const entries = text
    .split(/\r?\n/)
    .map((line) => /^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [match[1], match[2]?.replace(/^(['"])(.*)\1$/, '$2')])
  return Object.fromEntries(entries)
}

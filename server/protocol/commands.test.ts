import { expect, test } from 'vitest'
import { commandSchemas, parseCommand } from './commands'

const id = '0b4ff1a6-7f1e-4d59-9a1c-2f4f1f5b8a10'

function error(name: string, payload: unknown) {
  const parsed = parseCommand(name, payload)
  return parsed.ok ? null : parsed.error
}

test('[WIRE1] a command comes out with its name, its id and only the fields it knows', () => {
  expect(parseCommand('hand:raise', { id: id.toUpperCase(), text: '  why?  ', language: 'de-de' })).toEqual({
    ok: true,
    to: 'class',
    id,
    command: { name: 'hand:raise', text: 'why?', language: 'de-DE' },
  })
  expect(error('hand:raise', { id, role: 'teacher' })?.code).toBe('bad_payload')
})

test('[WIRE2] the id is a UUID, and the payload an object', () => {
  for (const payload of [undefined, null, 7, 'x', [], [{ id }], {}, { id: 'x' }, { id: 7 }, { id: {} }]) {
    expect(error('screen:clear', payload), JSON.stringify(payload)).toMatchObject({
      code: 'bad_payload',
      retryable: false,
    })
  }
})

test('[WIRE3] names that are none of ours are unknown, also those that every object has', () => {
  for (const name of [
    '',
    'class:create',
    'deadlines:pass',
    '__proto__',
    'constructor',
    'toString',
    'x'.repeat(9999),
  ]) {
    expect(error(name, { id })?.code, name).toBe('unknown_command')
  }
})

test('[WIRE4] a payload cannot change its own prototype or its command', () => {
  const hostile = JSON.parse(`{"id":"${id}","text":"hi","__proto__":{"name":"class:end"}}`)
  const parsed = parseCommand('chat:send', hostile)
  if (parsed.ok) expect(parsed.command).toEqual({ name: 'chat:send', text: 'hi' })
  expect(error('chat:send', { id, text: 'hi', name: 'class:end' })?.code).toBe('bad_payload')
  const translations = JSON.parse('{"__proto__":"x","de":"y"}')
  const screen = parseCommand('screen:show', { id, text: 'a', language: 'en', translations })
  if (screen.ok)
    expect(Object.keys((screen.command as { translations: object }).translations)).toEqual(['de'])
})

test('[WIRE5] texts are counted in code points, and hold nothing that the database refuses', () => {
  expect(error('hand:raise', { id, text: '🙂'.repeat(500) })).toBeNull()
  expect(error('hand:raise', { id, text: '🙂'.repeat(501) })?.code).toBe('bad_payload')
  expect(error('chat:send', { id, text: 'x'.repeat(2000) })).toBeNull()
  expect(error('chat:send', { id, text: 'x'.repeat(2001) })?.code).toBe('bad_payload')
  for (const text of ['', ' \n ', 'a\u0000b', '\ud800', 'bell\u0007']) {
    expect(error('chat:send', { id, text })?.code, JSON.stringify(text)).toBe('bad_payload')
  }
  expect(error('chat:send', { id, text: 'two\nlines\tand שלום' })).toBeNull()
})

test('[WIRE6] languages are BCP 47 tags in their canonical spelling', () => {
  for (const language of ['', 'e', 'en_US', 'x'.repeat(36), '../..', 'en-']) {
    expect(error('hand:raise', { id, language })?.code, language).toBe('bad_payload')
  }
  expect(
    parseCommand('screen:show', { id, text: 'a', language: 'EN', translations: { 'pt-br': 'b' } }),
  ).toMatchObject({
    command: { language: 'en', translations: { 'pt-BR': 'b' } },
  })
})

test('[WIRE7] a screen is a request or words in a language, with a bounded number of translations', () => {
  expect(error('screen:show', { id, requestId: 'req_1' })).toBeNull()
  expect(error('screen:show', { id, text: 'a' })?.code).toBe('bad_payload')
  const tags = [
    'de',
    'fr',
    'es',
    'it',
    'pt',
    'nl',
    'sv',
    'da',
    'fi',
    'nb',
    'pl',
    'cs',
    'sk',
    'hu',
    'ro',
    'bg',
    'el',
    'tr',
    'ru',
    'uk',
    'ar',
  ]
  const some = (count: number, text: string) =>
    Object.fromEntries(tags.slice(0, count).map((tag) => [tag, text]))
  expect(error('screen:show', { id, text: 'a', language: 'en', translations: some(20, 'a') })).toBeNull()
  expect(error('screen:show', { id, text: 'a', language: 'en', translations: some(21, 'a') })?.code).toBe(
    'bad_payload',
  )
  expect(
    error('screen:show', { id, text: 'a', language: 'en', translations: some(20, 'a'.repeat(900)) })?.code,
  ).toBe('bad_payload')
})

test('[WIRE8] numbers are finite and within what makes sense', () => {
  for (const seats of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 10_001, '5', null]) {
    expect(error('class:settings', { id, seats })?.code, String(seats)).toBe('bad_payload')
  }
  expect(error('class:settings', { id, seats: 0, chat: 'slow' })).toBeNull()
  expect(error('class:settings', { id, languages: ['en'] })?.code).toBe('bad_payload')
})

test('[WIRE9] admitting is for one person or for all', () => {
  expect(error('person:admit', { id, all: true })).toBeNull()
  expect(error('person:admit', { id, personId: 'per_1' })).toBeNull()
  expect(error('person:admit', { id })?.code).toBe('bad_payload')
  expect(error('person:admit', { id, personId: 'per_1', all: true })?.code).toBe('bad_payload')
})

test('[WIRE10] what the gateway answers itself is told apart from what the class decides', () => {
  const report = { id, delayMs: 2100, stalls: 0, level: 1, following: true }
  expect(parseCommand('playback:report', report)).toMatchObject({ ok: true, to: 'gateway' })
  const { delayMs: _, ...unseen } = report
  expect(parseCommand('playback:report', unseen)).toMatchObject({ ok: true, to: 'gateway' })
  expect(parseCommand('class:start', { id })).toMatchObject({ ok: true, to: 'class' })
})

test('[WIRE11] the error names the field and never repeats what was given', () => {
  const answer = error('chat:send', { id, text: `secret${'x'.repeat(9000)}` })
  expect(answer?.message).toMatch(/^text: /)
  expect(answer?.message).not.toContain('secret')
})

test('[WIRE12] no payload makes the parser throw', () => {
  let deep: unknown = 'x'
  for (let depth = 0; depth < 5000; depth++) deep = { translations: deep }
  for (const name of Object.keys(commandSchemas)) {
    for (const payload of [
      { id, ...(deep as object) },
      { id, personId: deep },
      { id, text: { toString: 1 } },
    ]) {
      expect(() => parseCommand(name, payload)).not.toThrow()
    }
  }
})

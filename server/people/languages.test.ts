import { expect, it } from 'vitest'
import { chooseLanguage } from './languages'

it('serves people in the language of the class that is nearest to theirs', () => {
  expect(chooseLanguage(['en', 'pt-BR', 'de'], 'de')).toBe('de')
  expect(chooseLanguage(['en', 'pt-BR', 'de'], 'pt-PT')).toBe('pt-BR')
  expect(chooseLanguage(['en', 'de'], 'DE-AT')).toBe('de')
})

it('serves everybody else in the first language of the class', () => {
  expect(chooseLanguage(['fr', 'en'], 'ja')).toBe('fr')
  expect(chooseLanguage(['fr', 'en'], undefined)).toBe('fr')
})

import type { Random } from './random'

type Occasion = 'hand' | 'question' | 'chat'
type Phrases = Record<Occasion, readonly string[]>

const en: Phrases = {
  hand: ['I have another idea', 'I can show my solution', 'About the last point', 'I found an example'],
  question: [
    'Could you repeat the last step, please?',
    'Why does this not hold for negative numbers?',
    'Will this be in the exam?',
    'Is there another way to see it?',
    'What does the symbol on the left mean?',
    'Where can we read more about this?',
  ],
  chat: [
    'Hello everyone',
    'Thanks, clear now',
    'Can you make it larger?',
    'Yes',
    'I got 42 as well',
    'Same here',
    '👍',
  ],
}
const de: Phrases = {
  hand: ['Ich habe noch eine Idee', 'Ich kann meine Lösung zeigen', 'Zum letzten Punkt'],
  question: [
    'Können Sie den letzten Schritt wiederholen?',
    'Warum gilt das nicht für negative Zahlen?',
    'Kommt das in der Prüfung dran?',
    'Was bedeutet das Zeichen links?',
  ],
  chat: ['Hallo zusammen', 'Danke, jetzt ist es klar', 'Geht es etwas größer?', 'Ja', 'Bei mir auch', '👍'],
}
const ar: Phrases = {
  hand: ['لدي فكرة أخرى', 'أستطيع أن أعرض حلي', 'بخصوص النقطة الأخيرة'],
  question: [
    'هل يمكن إعادة الخطوة الأخيرة من فضلك؟',
    'لماذا لا ينطبق هذا على الأعداد السالبة؟',
    'هل سيكون هذا في الامتحان؟',
    'ماذا يعني الرمز على اليسار؟',
  ],
  chat: ['مرحبا بالجميع', 'شكرا، الآن واضح', 'هل يمكن تكبير الخط؟', 'نعم', 'وأنا أيضا', '👍'],
}
const es: Phrases = {
  hand: ['Tengo otra idea', 'Puedo mostrar mi solución', 'Sobre el último punto'],
  question: [
    '¿Puede repetir el último paso, por favor?',
    '¿Por qué no vale para números negativos?',
    '¿Esto entra en el examen?',
  ],
  chat: ['Hola a todos', 'Gracias, ya lo entiendo', '¿Puede hacerlo más grande?', 'Sí', 'Yo también', '👍'],
}
const fr: Phrases = {
  hand: ["J'ai une autre idée", 'Je peux montrer ma solution', 'À propos du dernier point'],
  question: [
    "Pouvez-vous répéter la dernière étape, s'il vous plaît ?",
    'Pourquoi cela ne vaut-il pas pour les nombres négatifs ?',
    "Est-ce que ce sera à l'examen ?",
  ],
  chat: ['Bonjour à tous', "Merci, c'est clair", 'Pouvez-vous agrandir ?', 'Oui', 'Moi aussi', '👍'],
}
const byLanguage: Record<string, Phrases> = { en, de, ar, es, fr }

/** What somebody says, and in which language: their own, where it is one of ours, else English. */
export function invent(
  occasion: Occasion,
  language: string,
  random: Random,
): { text: string; language: string } {
  const spoken = byLanguage[language.split('-')[0] ?? '']
  const text = random.pick((spoken ?? en)[occasion]) ?? ''
  return { text, language: spoken ? language : 'en' }
}

export const en = {
  errors: {
    notFound: { title: 'Not found', detail: 'There is nothing at this address.' },
    broken: { title: 'Something broke', detail: 'It is not your fault. Try again in a moment.' },
    home: 'To the start page',
  },
}

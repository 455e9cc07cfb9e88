import type { ClassView, ViewFact } from '../../server/classroom/view'

/** Ids of the questions that students see and may vote for: all that a simulated student keeps of the class. */
export function toOpenQuestions({ requests }: Pick<ClassView, 'requests'>): Set<string> {
  const open = Object.values(requests).filter(
    ({ kind, published, status }) => kind === 'text' && published && status === 'pending',
  )
  return new Set(open.map(({ requestId }) => requestId))
}

/** Changes the set: a crowd of thousands gets every fact of its class. */
export function keepOpenQuestions(questions: Set<string>, fact: ViewFact): void {
  switch (fact.type) {
    case 'request.published':
      questions.add(fact.requestId)
      break
    case 'request.withdrawn':
    case 'request.declined':
    case 'request.answered':
    case 'request.merged':
      questions.delete(fact.requestId)
      break
  }
}

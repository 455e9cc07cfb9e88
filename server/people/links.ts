import type { Role } from '../classroom/people'
import type { Tokens } from './tokens'

export type ClassLinks = { teacher: string; assistant: string; student: string }

/** Links that hold for a class: whoever opens one enters with its role. Everybody with the code may be a student. */
export async function createClassLinks(
  tokens: Tokens,
  baseUrl: string,
  { classId, code }: { classId: string; code: string },
): Promise<ClassLinks> {
  const student = `${baseUrl}/join/${code}`
  const invite = (role: Role) => tokens.signLink({ cls: classId, role })
  return {
    teacher: `${student}?invite=${await invite('teacher')}`,
    assistant: `${student}?invite=${await invite('assistant')}`,
    student,
  }
}

/** A link that is one person: whoever opens it is them. */
export async function createPersonLink(
  tokens: Tokens,
  baseUrl: string,
  { classId, code, personId, role }: { classId: string; code: string; personId: string; role: Role },
): Promise<string> {
  const invite = await tokens.signLink({ cls: classId, role, sub: personId })
  return `${baseUrl}/join/${code}?invite=${invite}`
}

/** Where a person of this browser is in the class. */
export function classPath(classId: string, personId: string): string {
  return `/classes/${classId}?as=${personId}`
}

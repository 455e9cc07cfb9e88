import { en, type Messages } from './en'

/** The words of the interface. A second language is a file of the shape `Messages`, and a choice here. */
export function useMessages(): Messages {
  return en
}

import { createContext, type ReactNode, useContext } from 'react'
import { en, type Messages } from './en'

/** By interface language (BCP 47 primary subtag). A further one is a file of the same shape and a line here. */
const catalogues: Record<string, Messages> = { en }
export const interfaceLanguages = Object.keys(catalogues)

const MessagesContext = createContext<Messages>(en)

export function MessagesProvider({ language, children }: { language: string; children: ReactNode }) {
  return <MessagesContext.Provider value={catalogues[language] ?? en}>{children}</MessagesContext.Provider>
}

export function useMessages(): Messages {
  return useContext(MessagesContext)
}

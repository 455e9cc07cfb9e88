import { createContext } from 'react'

/** The Content-Security-Policy nonce of this response; nothing in the browser, where it is not to be read. */
export const NonceContext = createContext<string | undefined>(undefined)

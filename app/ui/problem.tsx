/** Why something did not happen, beside where it was asked for. Its place exists before the words, so they are read out. */
export function Problem({ children }: { children: string | null | undefined }) {
  return (
    <p className="problem" role="alert" hidden={!children}>
      {children}
    </p>
  )
}

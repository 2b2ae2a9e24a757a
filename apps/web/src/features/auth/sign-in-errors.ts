/** Why a provider sent somebody back, by the code that the address of the sign-in page carries. Pure. */
const SENTENCES: Readonly<Record<string, string>> = {};

/** A sentence for people; unknown codes get one that says what to do. Null without a code. */
export function signInErrorText(code: string | null): string | null {
  if (code === null || code === '') return null;
  return (
    SENTENCES[code] ??
    'The sign-in at the provider did not succeed. Try again, or sign in another way.'
  );
}

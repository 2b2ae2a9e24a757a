/** Why a provider sent somebody back, by the code that the address of the page carries. Pure. */

const SENTENCES: Readonly<Record<string, string>> = {
  'identity.oidc.denied': 'The provider did not sign you in. Try again, or sign in another way.',
  'identity.oidc.state_mismatch':
    'That sign-in was not begun in this browser, was used already, or took longer than ten minutes. Begin again.',
  'identity.oidc.rejected':
    'What the provider answered does not hold. Begin again; if it stays so, tell your operator.',
  'identity.oidc.provider_unknown': 'This provider is not set up here. Sign in another way.',
  'identity.oidc.linked_elsewhere':
    'That account of the provider belongs to another person here, so it was not connected.',
  'identity.issuer.unavailable':
    'The provider cannot be reached at this moment. Try again, or sign in another way.',
  'identity.issuer.email_missing':
    'The provider tells no e-mail address of yours, and an account here needs one.',
  'identity.issuer.email_taken':
    'An account with your e-mail address is here already. Sign in to it, and connect the provider in your account settings.',
  'identity.issuer.not_invited':
    'You have no account here, and no invitation waits for an address that the provider has verified. Ask for an invitation.',
  'identity.account.disabled': 'This account is locked. Ask an administrator.',
};

/** A sentence for people; codes that are not known get one that says what to do. Null without a code. */
export function signInErrorText(code: string | null): string | null {
  if (code === null || code === '') return null;
  return Object.hasOwn(SENTENCES, code)
    ? (SENTENCES[code] ?? null)
    : 'The provider could not be used. Try again, or sign in another way.';
}

/** Error codes of the identity room, for the generated reference. */
export const IDENTITY_ERROR_CODES = {
  'identity.email.taken': 'An account with this e-mail exists already.',
  'identity.sign_in.rejected': 'E-mail or password is wrong.',
  'identity.account.refused': 'The account could not be made or used as asked.',
  'identity.sign_up.closed': 'The installation has its owner and sign-up is not open.',
  'identity.session.ended': 'The session is unknown, signed out or older than seven days.',
  'identity.key.rejected': 'The API key is unknown, revoked or expired.',
  'identity.workspace.not_member': 'The caller is no member of the workspace named by the request.',
  'api_key.item.not_found': 'No API key with this id in the workspace.',
  'workspace.item.not_found': 'No workspace with this id.',
} as const;

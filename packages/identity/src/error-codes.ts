/** Error codes of the identity room, for the generated reference. */
export const IDENTITY_ERROR_CODES = {
  'identity.email.taken': 'An account with this e-mail exists already.',
  'identity.sign_in.rejected': 'E-mail or password is wrong.',
  'identity.sign_up.closed': 'The installation has its owner and sign-up is not open.',
  'identity.session.ended': 'The session is unknown, signed out or older than seven days.',
  'identity.token.expired': 'The access token has run out.',
  'identity.token.invalid':
    'The access token is damaged, forged, not yet valid, or made for something else.',
  'identity.token.revoked':
    'The access token was revoked, or its session has ended, or its account is locked.',
  'identity.issuer.unavailable':
    'Another issuer did not answer, or answered in another form, when its keys or a sign-in were asked for.',
  'identity.issuer.email_missing':
    'The issuer tells no e-mail address, and a new account here needs one.',
  'identity.issuer.email_taken':
    'The e-mail address that the issuer tells belongs to an account here; sign in to it and connect the provider under Settings.',
  'identity.issuer.not_invited':
    'The person has no account here, sign-up is closed, and no invitation waits for an address that the issuer has verified.',
  'identity.account.disabled': 'An administrator has locked the account.',
  'identity.oidc.provider_unknown': 'No OpenID provider of this id is set up.',
  'identity.oidc.state_mismatch':
    'The sign-in was begun in another browser, was used already, or took longer than ten minutes.',
  'identity.oidc.denied': 'The OpenID provider answered that the person is not signed in.',
  'identity.oidc.rejected':
    'The answer of the OpenID provider did not hold: its issuer, code, nonce, signature or audience.',
  'identity.oidc.linked_elsewhere':
    'The account at the provider is connected with another person already.',
  'identity.oidc.identity_unknown': 'The person has no way to sign in of this id.',
  'identity.oidc.last_way_in': 'The last way to sign in to an account stays.',
  'identity.oidc.password_stays': 'A password is changed and not disconnected.',
  'identity.token.issuer_unknown':
    'The access token names an issuer that this installation does not trust.',
  'auth.person.required': 'The operation belongs to the account of a person; keys have none.',
  'identity.session.required': 'The operation needs a session of this installation.',
  'identity.sign_up.uninvited': 'The invitation is unknown, used, revoked or expired.',
  'identity.sign_up.other_address': 'The invitation is for another e-mail address.',
  'identity.tries.too_many':
    'Too many wrong passwords or codes; Retry-After says when the next try counts.',
  'identity.password.weak': 'The password is among those that are tried first.',
  'identity.password.wrong': 'The password of a person who is signed in is wrong.',
  'identity.password.missing': 'The change needs the password.',
  'identity.password.none': 'The account has no password; the person signs in at a provider.',
  'identity.proof.too_old':
    'An account without a password needs a sign-in of the last ten minutes for this.',
  'identity.mfa.enabled': 'The account has a second factor already.',
  'identity.mfa.not_enabled': 'The account has no second factor.',
  'identity.mfa.not_pending': 'No second factor waits for its confirmation, or its time is over.',
  'identity.mfa.code_wrong': 'The code of the second factor is wrong.',
  'identity.mfa.code_used': 'The code of the second factor was used already.',
  'identity.mfa.code_missing': 'The proof needs a code of the second factor.',
  'identity.challenge.ended':
    'The second step of the sign-in came too late, was finished already, or had too many wrong codes.',
  'identity.workspace.none': 'The person is in no workspace any more.',
  'identity.key.origin_refused': 'A browser key came from a page that it may not be used from.',
  'identity.key.in_page': 'A server key was sent by a page of another site.',
  'api_key.origins.missing': 'A browser key needs an origin.',
  'api_key.origins.unexpected': 'A server key has no origins.',
  'api_key.scopes.browser': 'A browser key was to hold what such keys never hold.',
  'api_key.scopes.beyond_role': 'A scope goes beyond the role of the key.',
  'api_key.scopes.beyond_caller': 'The key would hold more than its maker.',
  'session.item.not_found': 'The person has no session with this id.',
  'identity.key.rejected': 'The API key is unknown, revoked or expired.',
  'identity.workspace.not_member': 'The caller is no member of the workspace named by the request.',
  'identity.workspace.contradicted':
    'The path names one workspace and a header or the query another one.',
  'identity.workspace.slug_taken': 'Another workspace has this short name.',
  'identity.workspace.too_many': 'The person owns as many workspaces as one may.',
  'identity.workspace.kept':
    'The workspace is the default one, or one that the settings name, and cannot be deleted.',
  'identity.workspace.unconfirmed':
    'Deleting a workspace has to be confirmed by repeating its short name.',
  'identity.workspace.busy': 'Runs of the workspace have not ended; the message says how many.',
  'identity.list.cursor_invalid': 'The cursor is not one that this list gave out.',
  'identity.member.owner_only': 'Only owners of the workspace may do this.',
  'identity.member.last_owner': 'The last owner of a workspace stays its owner.',
  'identity.member.exists': 'The person is in the workspace already.',
  'identity.invitation.unknown': 'There is no invitation with this token.',
  'identity.invitation.ended': 'The invitation was used, taken back, or has run out.',
  'identity.invitation.other_person':
    'The invitation is for another e-mail address than that of the account.',
  'identity.administrator.last':
    'The last administrator of the installation who can sign in stays one.',
  'credentials.type.unknown':
    'There is no kind of credential with this id; the message names the nearest list.',
  'credentials.fields.invalid':
    'Fields are missing, unknown or of the wrong form; errors names each, and never repeats a value.',
  'credentials.name.taken': 'Another credential of the same scope has this name.',
  'credentials.credential.not_found': 'No credential of this id or type is there for the caller.',
  'credentials.credential.version_mismatch':
    'The credential was changed since it was read; read it again and repeat the change.',
  'credentials.credential.in_use':
    'Something still needs the credential; the message and details name what.',
  'credentials.scope.forbidden':
    'Credentials of the platform belong to its operator and its administrators.',
  'credentials.list.cursor_invalid': 'The cursor is not one that this list gave out.',
  'credentials.record.damaged':
    'Stored secrets were changed, or moved from another record; they were not used.',
  'credentials.secret.missing':
    'The secrets of a credential are not in the store that its row names.',
  'credentials.store.unavailable':
    'The credential is kept in a store (Vault) that this process is not configured for.',
  'credentials.vault.forbidden': 'Vault refused the token or its policy.',
  'credentials.vault.unavailable':
    'Vault did not answer, is sealed, or gave an answer of another form.',
  'credentials.address.denied':
    'The address of the credential is not a public one, and the operator has not allowed it.',
  'encryption.key.invalid': 'A master key is not 32 bytes in base64 or hex.',
  'encryption.key.missing':
    'The master key that stored credentials are encrypted under is not there.',
  'encryption.key.unreadable': 'The file of the master keys cannot be read or written.',
  'encryption.key.unchanged': 'A rotation was asked for and there is no new master key.',
  'encryption.key.changing':
    'A credential could not be written because the master key changed meanwhile.',
  'encryption.store.elsewhere':
    'Secrets are kept in Vault, so there is no master key here to rotate.',
  'api_key.item.not_found': 'No API key with this id in the workspace.',
  'member.item.not_found': 'No such person in the workspace.',
  'invitation.item.not_found': 'No invitation with this id that still waits.',
  'user.item.not_found': 'No account with this id.',
  'workspace.item.not_found': 'No workspace with this id.',
  'privacy.person.required':
    'Data of a person belong to an account; keys and the operator have none.',
  'privacy.subject.not_member': 'Nobody with this e-mail address is a member of the workspace.',
  'privacy.request.already_open': 'The person has an open request of the same kind.',
  'privacy.request.wrong_status':
    'The request is not in the state for this; the message says in which.',
  'privacy.request.extended_already': 'The time of a request can be extended once.',
  'privacy.request.incomplete': 'The request does not say what is needed for its kind.',
  'privacy.request.account_of_person':
    'The account is used elsewhere too; the workspace alone cannot change it.',
  'privacy.request.subject_gone': 'The person that the request is about was erased already.',
  'privacy.erasure.last_owner':
    'The person is the last owner of a workspace with others; somebody else has to own it first.',
  'privacy.erasure.last_administrator':
    'The person is the last administrator of the installation; there has to be another one first.',
  'privacy.erasure.workspace_kept':
    'The person is alone in a workspace that cannot be deleted; it needs another owner first.',
  'privacy.erasure.runs_open': 'Runs of the person have not ended.',
  'privacy.erasure.incomplete':
    'Something of the person was written during the erasure; execute it again.',
  'privacy.processing.restricted':
    'The data of the person are only kept, as they asked, so their work is refused.',
  'privacy.purpose.key_taken': 'Another purpose of consent has this key.',
  'privacy.consent.outdated': 'The text that was agreed to is not the newest, or is retired.',
  'privacy.retention.out_of_bounds': 'The period is not within the bounds of its category.',
  'privacy.retention.platform_only':
    'The category belongs to the installation; its administrators set its period.',
  'privacy.cursor.invalid': 'The cursor is not one that this list gave out.',
  'processing_record.item.not_found': 'No activity with this id in the record of processing.',
  'consent_purpose.item.not_found': 'No purpose of consent with this id or key.',
  'retention_category.item.not_found': 'No category of data with this name.',
  'restriction.item.not_found': 'No restriction with this id that is still in force.',
  'data_request.item.not_found': 'No request with this id for the caller.',
  'privacy_export.item.not_found':
    'Nothing to fetch: not made, over its seven days, or for somebody else.',
  'audit.entry.not_stored': 'The audit log could not be written, so the request is not confirmed.',
  'audit.log.behind': 'Too many entries of the audit log wait for the database.',
  'audit.cursor.invalid': 'The cursor is not one of the audit log.',
  'audit.item.not_found': 'No entry with this id in the audit log of the workspace.',
  'security.request.blocked':
    'The request was taken for an attack, or its sender is kept out for a time.',
  'security.request.throttled': 'Requests of the sender look suspicious and are slowed down.',
  'security.step_up.required':
    'The request is unusual for the person, who has to prove again that it is them.',
  'security.scope.forbidden': 'What concerns all workspaces needs the permission platform:write.',
  'security.assessment.not_found': 'No assessment with this id in the scope.',
  'security.block.not_found': 'No block with this id in the scope.',
  'security.block.subject_invalid': 'The block names nobody, or somebody who must not be kept out.',
  'security.settings.version_mismatch':
    'The settings of the threat detector were changed since they were read.',
  'security.cursor.invalid': 'The cursor is not one of this list.',
} as const;

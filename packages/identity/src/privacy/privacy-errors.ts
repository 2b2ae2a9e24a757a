import { PlatformError } from '@automatos/kernel';

/** The caller has to be a person: keys and the operator have no data of their own. */
export function personRequired(): PlatformError {
  return new PlatformError({
    code: 'privacy.person.required',
    kind: 'forbidden',
    message: 'This belongs to the account of a person; API keys and the operator have none.',
  });
}

/** A person who asks has to have proven themselves within ten minutes. */
export function stepUpRequired(): PlatformError {
  return new PlatformError({
    code: 'security.step_up.required',
    kind: 'forbidden',
    message: 'Prove again that it is you (POST /api/auth/mfa/step-up), then repeat the request.',
  });
}

export function notAMember(): PlatformError {
  return new PlatformError({
    code: 'privacy.subject.not_member',
    kind: 'not-found',
    message:
      'Nobody with this e-mail address is a member of this workspace. Requests are taken down for members only.',
    errors: [{ pointer: '/subject_email', message: 'is no member of this workspace' }],
  });
}

export function alreadyOpen(id: string): PlatformError {
  return new PlatformError({
    code: 'privacy.request.already_open',
    kind: 'conflict',
    message: `The same request is open already (${id}); wait for it, or withdraw it first.`,
    details: { request_id: id },
  });
}

export function wrongStatus(status: string, wanted: string): PlatformError {
  return new PlatformError({
    code: 'privacy.request.wrong_status',
    kind: 'conflict',
    message: `The request is ${status}; ${wanted}`,
  });
}

export function extendedAlready(): PlatformError {
  return new PlatformError({
    code: 'privacy.request.extended_already',
    kind: 'conflict',
    message: 'The time of this request was extended once, and once is all that the law gives.',
  });
}

export function incomplete(pointer: string, message: string): PlatformError {
  return new PlatformError({
    code: 'privacy.request.incomplete',
    kind: 'invalid-input',
    message,
    errors: [{ pointer, message }],
  });
}

export function accountNotCovered(): PlatformError {
  return new PlatformError({
    code: 'privacy.request.account_of_person',
    kind: 'forbidden',
    message:
      'The account belongs to the person and is used in other workspaces too. It is changed by a request that the person makes and confirms, or by an administrator of the platform.',
  });
}

export function lastOwner(names: readonly string[]): PlatformError {
  return new PlatformError({
    code: 'privacy.erasure.last_owner',
    kind: 'conflict',
    message: `The person is the last owner of ${names.join(', ')}, where others work too. Make somebody else owner first, then execute the request again.`,
    details: { workspaces: names },
  });
}

export function lastAdministrator(): PlatformError {
  return new PlatformError({
    code: 'privacy.erasure.last_administrator',
    kind: 'conflict',
    message:
      'The person is the last administrator of this installation. Make somebody else administrator first; or, when nobody is to be left, remove the installation with its data.',
  });
}

export function keptWorkspace(name: string): PlatformError {
  return new PlatformError({
    code: 'privacy.erasure.workspace_kept',
    kind: 'conflict',
    message: `The person is the only member of ${name}, which the installation needs and which cannot be deleted. Make somebody else its owner first.`,
  });
}

export function runsOpen(open: number): PlatformError {
  return new PlatformError({
    code: 'privacy.erasure.runs_open',
    kind: 'conflict',
    message: `${open} runs that the person started, or that are in a workspace which goes with them, have not ended. Wait for them or cancel them, then execute the request again.`,
    details: { open },
  });
}

export function notAllErased(remaining: Record<string, number>): PlatformError {
  return new PlatformError({
    code: 'privacy.erasure.incomplete',
    kind: 'conflict',
    message:
      'Something of the person was written while they were erased. Execute the request again; the details name the tables.',
    details: { remaining },
  });
}

/** Refuses work of a person whose data are only kept. */
export function restricted(): PlatformError {
  return new PlatformError({
    code: 'privacy.processing.restricted',
    kind: 'forbidden',
    message:
      'Your data in this workspace are only kept and not worked with, as you asked. An administrator can lift the restriction.',
  });
}

import { PlatformError } from '@automatos/kernel';
import type { Assessment, ThreatBlock } from './threat-types.ts';

/** The answer to a request that a block keeps out. */
export function keptOut(block: ThreatBlock, requestId: string): PlatformError {
  const until =
    block.until === null ? 'until it is lifted' : `until ${new Date(block.until).toISOString()}`;
  return new PlatformError({
    code: 'security.request.blocked',
    kind: 'forbidden',
    message: `Requests from here are refused ${until}. If that is a mistake, send the id of this request, ${requestId}, to whoever administers the installation: they can lift the block on the security page.`,
    internalMessage: `block ${block.id} of ${block.kind} ${block.subject}`,
  });
}

/** The answer to a request that is itself taken for an attack. */
export function attackRefused({ requestId, id, score }: Assessment): PlatformError {
  return new PlatformError({
    code: 'security.request.blocked',
    kind: 'forbidden',
    message: `This request looks like an attack and was refused. If that is a mistake, send its id, ${requestId}, to whoever administers the workspace: the security page says why.`,
    internalMessage: `assessment ${id}, score ${score}`,
  });
}

export function stepUpRequired(): PlatformError {
  return new PlatformError({
    code: 'security.step_up.required',
    kind: 'forbidden',
    message:
      'This request is unusual for you. Confirm that it is you with your password or second factor (POST /api/auth/mfa/step-up), then send it again.',
  });
}

export function throttled(resetSeconds: number): PlatformError {
  return new PlatformError({
    code: 'security.request.throttled',
    kind: 'rate-limited',
    message: `Requests from here look suspicious and are slowed down; come back in ${resetSeconds} seconds.`,
    retryAfterMs: resetSeconds * 1000,
  });
}

export function assessmentNotFound(id: string): PlatformError {
  return new PlatformError({
    code: 'security.assessment.not_found',
    kind: 'not-found',
    message: `No assessment "${id}" in this scope, or none any more: they are kept for a time only.`,
  });
}

export function blockNotFound(id: string): PlatformError {
  return new PlatformError({
    code: 'security.block.not_found',
    kind: 'not-found',
    message: `No block "${id}" in this scope.`,
  });
}

export function subjectRefused(message: string): PlatformError {
  return new PlatformError({
    code: 'security.block.subject_invalid',
    kind: 'invalid-input',
    message,
    errors: [{ pointer: '/subject', message }],
  });
}

export function platformOnly(): PlatformError {
  return new PlatformError({
    code: 'security.scope.forbidden',
    kind: 'forbidden',
    message: 'The scope "platform" needs the permission platform:write.',
  });
}

export function settingsChanged(version: number): PlatformError {
  return new PlatformError({
    code: 'security.settings.version_mismatch',
    kind: 'conflict',
    message: `The settings were changed meanwhile; the current version is ${version}. Read them again.`,
  });
}

import { PlatformError } from '@automatos/kernel';

/** A field of the request that cannot be honoured for the model that is asked; nothing is dropped in silence. */
export function unsupported(pointer: string, why: string): PlatformError {
  return new PlatformError({
    code: 'v1.parameter.unsupported',
    kind: 'invalid-input',
    message: why,
    errors: [{ pointer, message: why }],
  });
}

/** Nothing that may be asked has this id. */
export function modelNotFound(id: string, suggestion: string | undefined): PlatformError {
  const meant = suggestion === undefined ? '' : ` Did you mean "${suggestion}"?`;
  return new PlatformError({
    code: 'v1.model.not_found',
    kind: 'not-found',
    message: `There is no model "${id.slice(0, 200)}".${meant} GET /v1/models lists what can be asked.`,
    errors: [{ pointer: '/model', message: 'unknown model' }],
  });
}

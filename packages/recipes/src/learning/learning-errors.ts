import { PlatformError } from '@automatos/kernel';

export function suggestionNotFound(slug: string): PlatformError {
  return new PlatformError({
    code: 'recipes.suggestion.not_found',
    kind: 'not-found',
    message: `The runs of recipe "${slug}" make no such suggestion, or not any more. Read its learning report again.`,
  });
}

export function suggestionDecided(title: string, status: string): PlatformError {
  return new PlatformError({
    code: 'recipes.suggestion.already_decided',
    kind: 'conflict',
    message: `The suggestion "${title}" is ${status.replace('_', ' ')} already.`,
    details: { status },
  });
}

export function suggestionBusy(title: string): PlatformError {
  return new PlatformError({
    code: 'recipes.suggestion.busy',
    kind: 'conflict',
    message: `The suggestion "${title}" is being measured. Of two changes at once nobody could say which one helped: wait for its verdict.`,
  });
}

import { invalidInput } from '@automatos/kernel';
import type { ModelRef } from './catalogue-types.ts';

interface Replaced {
  provider: string;
  /** Ids that the vendor no longer serves. */
  ids: RegExp;
  use: string;
  /** Day, or null when the vendor gives none. */
  since: string | null;
  /** `mapped`: the vendor names an equal successor and the call goes there; `removed`: refused, because the successor is another model. */
  how: 'mapped' | 'removed';
}

/** Models that are gone, with what the vendor offers in their place. */
export const REPLACED_MODELS: readonly Replaced[] = [
  { provider: 'perplexity', ids: /^sonar$/, use: 'perplexity/sonar', ...mapped() },
  { provider: 'perplexity', ids: /^sonar-pro$/, use: 'preset/fast', ...mapped() },
  { provider: 'perplexity', ids: /^sonar-reasoning-pro$/, use: 'preset/low', ...mapped() },
  {
    provider: 'writer',
    ids: /^palmyra-(x-003-instruct|vision|med|fin|creative)$/,
    use: 'palmyra-x5',
    since: '2026-07-13',
    how: 'removed',
  },
  { provider: 'ai21', ids: /^j2-/, use: 'jamba-large', since: null, how: 'removed' },
  {
    provider: 'groq',
    ids: /^mixtral-/,
    use: 'llama-3.3-70b-versatile',
    since: null,
    how: 'removed',
  },
];

function mapped() {
  return { since: '2026-09-27', how: 'mapped' } as const;
}

/** The reference to call: the given one, or its successor. Throws `providers.model.retired` for a removed model, naming the replacement. */
export function followReplacement(ref: ModelRef): ModelRef {
  const found = REPLACED_MODELS.find(
    (row) => row.provider === ref.provider && row.ids.test(ref.model),
  );
  if (found === undefined) return ref;
  if (found.how === 'mapped') return { provider: ref.provider, model: found.use };
  const since = found.since === null ? '' : ` on ${found.since}`;
  throw invalidInput(
    `The vendor removed "${ref.model}"${since}. Use "${found.use}" instead.`,
    [{ pointer: '/model', message: 'removed by the vendor', suggestion: found.use }],
    'providers.model.retired',
  );
}

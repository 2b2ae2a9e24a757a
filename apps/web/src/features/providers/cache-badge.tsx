import { Database } from 'lucide-react';
import { Badge } from '../../components/ui/badge.tsx';
import type { CacheOutcome } from './provider-types.ts';

const TEXTS: Partial<Record<CacheOutcome, { label: string; help: string }>> = {
  hit: { label: 'From the cache', help: 'The same prompt was answered before; this cost nothing.' },
  semantic: {
    label: 'From the cache, by meaning',
    help: 'A prompt of the same meaning was answered before; this cost nothing.',
  },
  shared: {
    label: 'Shared answer',
    help: 'An equal call was under way; its answer was taken and cost nothing more.',
  },
};

/** Says that an answer came from the cache; nothing when it did not. */
export function CacheBadge({ cache }: { cache: CacheOutcome | undefined }) {
  const text = cache === undefined ? undefined : TEXTS[cache];
  if (text === undefined) return null;
  return (
    <span title={text.help}>
      <Badge tone="ok" icon={<Database aria-hidden className="size-3.5" />}>
        {text.label}
      </Badge>
    </span>
  );
}

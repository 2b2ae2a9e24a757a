'use client';

import { WandSparkles } from 'lucide-react';
import { Button } from '../../../components/ui/button.tsx';
import type { Problem } from './document/problems.ts';
import { useEditor } from './editor-context.tsx';

/** Applies what a problem suggests; nothing when it suggests nothing that can be applied. */
export function Suggestion({ problem }: { problem: Problem }) {
  const apply = useEditor().suggested(problem);
  if (apply === null) return null;
  return (
    <Button size="sm" className="mt-1.5 max-w-full" onClick={apply}>
      <WandSparkles aria-hidden className="size-4" />
      <span className="truncate">Use {problem.suggestion}</span>
    </Button>
  );
}

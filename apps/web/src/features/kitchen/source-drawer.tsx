'use client';

import { getRunSource, type SourceExcerpt } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useApi } from '../../components/api-context.ts';
import { cn } from '../../components/ui/cn.ts';
import { Drawer } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { parseSource } from './source-param.ts';

const CONTEXT = 40;

function Lines({ excerpt, line }: { excerpt: SourceExcerpt; line: number }) {
  const marked = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    // In braces: newer browsers give a promise here, and React would take it for a clean-up.
    marked.current?.scrollIntoView({ block: 'center' });
  }, [excerpt, line]);
  const last = excerpt.start_line + excerpt.lines.length - 1;
  return (
    <>
      <p className="mb-3 text-sm text-ink-soft">
        Lines {excerpt.start_line}–{last} of {excerpt.total_lines}
      </p>
      <div
        role="group"
        aria-label={`Source of ${excerpt.path}`}
        tabIndex={0}
        className="overflow-x-auto rounded-lg border border-line"
      >
        <table className="min-w-full border-collapse font-mono text-[0.8125rem] leading-6">
          <tbody>
            {excerpt.lines.map((text, index) => {
              const number = excerpt.start_line + index;
              const isMarked = number === line;
              return (
                <tr
                  key={number}
                  ref={isMarked ? marked : undefined}
                  aria-current={isMarked ? 'location' : undefined}
                  className={cn(isMarked && 'bg-warn-soft font-semibold')}
                >
                  <td
                    className={cn(
                      'w-px border-r border-line px-3 text-right text-ink-soft tabular-nums select-none',
                      isMarked && 'border-r-warn text-warn',
                    )}
                  >
                    {number}
                  </td>
                  <td className="px-3 whitespace-pre">{text === '' ? ' ' : text}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** The analysed file around a finding, with its line marked; opened by the address (`?source=path:line`). */
export function SourceDrawer({ runId }: { runId: string }) {
  const client = useApi();
  const [source, setSource] = useSearchParam('source');
  const place = source === null ? null : parseSource(source);
  const excerpt = useQuery({
    queryKey: ['run-source', runId, source],
    queryFn: async ({ signal }) => {
      const { path, line } = parseSource(source ?? '');
      const query = { path, line, context: CONTEXT };
      return (await getRunSource({ client, path: { run_id: runId }, query, signal })).data;
    },
    enabled: place !== null,
  });
  return (
    <Drawer
      open={place !== null}
      onOpenChange={(open) => setSource(open ? source : null)}
      title={place?.path ?? ''}
      description={place === null ? '' : `Line ${place.line}, as the file is now`}
    >
      {excerpt.isError ? (
        <ErrorState
          what="The source could not be shown"
          error={excerpt.error}
          onRetry={() => void excerpt.refetch()}
        />
      ) : excerpt.data === undefined || place === null ? (
        <Skeleton className="h-96" />
      ) : (
        <Lines excerpt={excerpt.data} line={place.line} />
      )}
    </Drawer>
  );
}

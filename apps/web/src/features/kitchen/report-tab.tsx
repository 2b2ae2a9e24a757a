'use client';

import { getRunArtifact, listRunArtifacts, type Artifact } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { Download, FileText } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useApi } from '../../components/api-context.ts';
import { Card } from '../../components/ui/card.tsx';
import { CodeBlock, CopyButton } from '../../components/ui/code-block.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { Skeleton, SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatBytes } from '../../lib/format.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useWorkspaceHref } from '../session/use-session.ts';
import { useRunState } from './run-context.tsx';

const MarkdownView = dynamic(async () => (await import('./markdown-view.tsx')).MarkdownView, {
  loading: () => <Skeleton className="h-96" />,
});

function DownloadLink({ runId, artifact }: { runId: string; artifact: Artifact }) {
  const inWorkspace = useWorkspaceHref();
  const name = artifact.title
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase();
  const ending = artifact.format === 'markdown' ? 'md' : artifact.format;
  return (
    <a
      href={inWorkspace(`/api/runs/${runId}/artifacts/${artifact.id}`)}
      download={`${name === '' ? 'report' : name}.${ending}`}
      className="inline-flex min-h-11 items-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-3 text-sm font-medium hover:bg-sunken sm:min-h-9"
    >
      <Download aria-hidden className="size-4" /> Download
    </a>
  );
}

/** Formats that only their own programs show; as text they would be noise. */
const BINARY = new Set(['pdf', 'docx']);

function BinaryArtifact({ runId, artifact }: { runId: string; artifact: Artifact }) {
  return (
    <EmptyState
      icon={FileText}
      title={artifact.title}
      action={<DownloadLink runId={runId} artifact={artifact} />}
    >
      {artifact.format.toUpperCase()}, {formatBytes(artifact.bytes)}. Download it to read it.
    </EmptyState>
  );
}

function ArtifactContent({ runId, artifact }: { runId: string; artifact: Artifact }) {
  const client = useApi();
  const content = useQuery({
    queryKey: ['artifact', runId, artifact.id],
    queryFn: async ({ signal }) => {
      const path = { run_id: runId, artifact_id: artifact.id };
      const { data } = await getRunArtifact({ client, path, parseAs: 'text', signal });
      // Read as text above; the contract can only say that it is bytes.
      return data as unknown as string;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (content.isError) {
    return (
      <ErrorState
        what="The document could not be loaded"
        error={content.error}
        onRetry={() => void content.refetch()}
      />
    );
  }
  if (content.data === undefined) return <SkeletonList label="document" rows={1} height="h-96" />;
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-5 py-3 sm:px-8">
        <p className="text-sm text-ink-soft">
          {artifact.title}, {formatBytes(artifact.bytes)}
        </p>
        <div className="flex gap-2">
          <CopyButton text={content.data} label="Copy document" />
          <DownloadLink runId={runId} artifact={artifact} />
        </div>
      </div>
      {artifact.format === 'markdown' ? (
        <div className="px-5 py-6 sm:px-8 sm:py-8">
          <MarkdownView text={content.data} />
        </div>
      ) : (
        <CodeBlock
          label={artifact.title}
          text={content.data}
          className="max-h-[75dvh] rounded-t-none border-0"
        />
      )}
    </>
  );
}

/** The documents the run made, read here or taken along. */
export function ReportTab({ runId }: { runId: string }) {
  const client = useApi();
  const [chosen, setChosen] = useSearchParam('artifact');
  const over = useRunState((state) => state.finishedAt !== null);
  const documents = useRunState(
    (state) =>
      Object.values(state.steps).filter(
        (step) => step.type === 'document' && step.status === 'completed',
      ).length,
  );
  const artifacts = useQuery({
    queryKey: ['artifacts', runId, documents, over],
    queryFn: async ({ signal }) =>
      (await listRunArtifacts({ client, path: { run_id: runId }, signal })).data.items,
    placeholderData: (before) => before,
  });
  if (artifacts.isError) {
    return (
      <ErrorState
        what="Documents could not be loaded"
        error={artifacts.error}
        onRetry={() => void artifacts.refetch()}
      />
    );
  }
  if (artifacts.data === undefined)
    return <SkeletonList label="documents" rows={1} height="h-96" />;
  const artifact =
    artifacts.data.find((each) => each.id === chosen) ??
    artifacts.data.find((each) => each.format === 'markdown') ??
    artifacts.data[0];
  return (
    <>
      <h2 className="sr-only">Report</h2>
      {artifacts.data.length < 2 ? null : (
        <Select
          aria-label="Document"
          className="mb-4 max-w-md"
          value={artifact?.id}
          onChange={(event) => setChosen(event.target.value)}
        >
          {artifacts.data.map((each) => (
            <option key={each.id} value={each.id}>
              {each.title}
            </option>
          ))}
        </Select>
      )}
      <Card>
        {artifact === undefined ? (
          <EmptyState
            icon={FileText}
            title={over ? 'This run made no document' : 'The report is not written yet'}
          >
            {over
              ? 'It ended before its report, or its recipe has none. Findings and log show what was done.'
              : 'It appears here when the step that writes it has ended.'}
          </EmptyState>
        ) : BINARY.has(artifact.format) ? (
          <BinaryArtifact runId={runId} artifact={artifact} />
        ) : (
          <ArtifactContent key={artifact.id} runId={runId} artifact={artifact} />
        )}
      </Card>
    </>
  );
}

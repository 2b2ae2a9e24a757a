import type { RunContext } from '@automatos/runs';
import type { ToolArtifact, ToolOutcome } from '../definition.ts';

/** A document of a call, as the run keeps it. */
export interface KeptArtifact {
  artifact_id: string;
  name: string;
  title: string;
  content_type: string;
}

export interface KeptOutcome {
  /** Without the contents. */
  outcome: ToolOutcome;
  artifacts: KeptArtifact[];
  /** Where the output is whole when it was cut; null when it was not, or could not be kept. */
  pointer: string | null;
}

/** Keeps the documents of a call with its run: once, in order, the same on a replay. */
export async function keepArtifacts(
  context: Pick<RunContext, 'saveArtifact' | 'runId'>,
  call: { callId: string; stepId: string },
  { artifacts, ...outcome }: ToolOutcome,
): Promise<KeptOutcome> {
  const kept: KeptArtifact[] = [];
  let pointer: string | null = null;
  for (const artifact of artifacts ?? []) {
    const { name, title, contentType, content } = artifact;
    const saved = await context.saveArtifact({
      name: `${call.callId}/${name}`,
      stepId: call.stepId,
      title,
      format: formatOf(artifact),
      contentType,
      content,
    });
    if (name === outcome.fullOutput) pointer = `/api/runs/${context.runId}/artifacts/${saved.id}`;
    kept.push({ artifact_id: saved.id, name, title, content_type: contentType });
  }
  return { outcome, artifacts: kept, pointer };
}

function formatOf({ name, contentType }: ToolArtifact): string {
  if (contentType.startsWith('text/markdown')) return 'markdown';
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
  return /^[a-z\d]{1,10}$/.test(ending) ? ending : 'txt';
}

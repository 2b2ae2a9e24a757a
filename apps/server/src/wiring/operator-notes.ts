import type { WorkspaceId } from '@automatos/kernel';
import type { Providers } from '@automatos/providers';
import type { Config } from '../config.ts';

/** What the operator should know about the effective configuration, in sentences. */
export async function operatorNotes(deps: {
  config: Config;
  providers: Pick<Providers, 'list'>;
  workspaceId: WorkspaceId;
}): Promise<string[]> {
  const { config } = deps;
  const notes = [...config.notes];
  const providers = await deps.providers.list(deps.workspaceId);
  const real = providers.filter((provider) => provider.configured && provider.id !== 'offline');
  if (real.length === 0)
    notes.push(
      'No language model is configured: the offline provider composes reports from what the tools find. Set a key such as OPENAI_API_KEY, or OLLAMA_BASE_URL.',
    );
  if (config.workspaceRoots.length === 0)
    notes.push('AUTOMATOS_ROOTS is not set: tools may read no folder of this server.');
  if (config.database.kind === 'embedded' && !config.database.fsync)
    notes.push('FSYNC is off: a power cut may lose the last commits.');
  return notes;
}

import type { WorkspaceId } from '@automatos/kernel';
import { findProvider } from '@automatos/providers';
import type { Providers } from '@automatos/providers';
import type { Sandbox } from '@automatos/tools';
import type { Config } from '../config.ts';
import type { Findings } from './compose-findings.ts';

/** What the operator should know about the effective configuration, in sentences. */
export async function operatorNotes(deps: {
  config: Config;
  providers: Pick<Providers, 'list'>;
  workspaceId: WorkspaceId;
  /** On prices, routing, caches and budgets; each has its own place on the provider page. */
  findings?: Findings;
  /** Whether Python of recipes and agents can be isolated here. */
  sandbox?: Pick<Sandbox, 'check'>;
}): Promise<string[]> {
  const { config } = deps;
  const notes = [...config.notes, ...defaultModelNotes(config)];
  if (!config.identity.requireAuth)
    notes.unshift(
      'REQUIRE_AUTH is false: everybody at this machine is the operator, without signing in.',
    );
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
  const isolation = await deps.sandbox?.check();
  if (isolation?.available === false)
    notes.push(`Python of recipes and agents is off: ${isolation.reason}`);
  const found = (await deps.findings?.(deps.workspaceId)) ?? [];
  const grave = found.filter((finding) => finding.severity !== 'info').length;
  if (grave > 0)
    notes.push(
      `Settings of models, routing or budgets without effect: ${grave}. "automatos doctor" and the page Providers name them.`,
    );
  return notes;
}

/** A default provider that names no model of its own is passed over in silence otherwise. */
function defaultModelNotes({ providers: { defaultProvider, defaultModel } }: Config): string[] {
  if (defaultProvider === undefined) return [];
  const provider = findProvider(defaultProvider);
  if (provider === undefined)
    return [`LLM_DEFAULT_PROVIDER is "${defaultProvider}", which is no provider of this version.`];
  if (defaultModel !== undefined || provider.defaultModel !== null) return [];
  return [
    `LLM_DEFAULT_PROVIDER=${defaultProvider} has no effect without LLM_DEFAULT_MODEL: ${provider.name} has no default model.`,
  ];
}

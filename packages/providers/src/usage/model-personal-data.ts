import { createTableHolder } from '@automatos/database';
import type { PersonalDataHolder, PersonalTable } from '@automatos/database';
import type { AnswerCache } from '../cache/cache-port.ts';

const MODELS = 'Model calls: what was used and spent';
const SETTINGS = 'Settings of models, prices and budgets';
const scope = 'workspace_id';

const TABLES: readonly PersonalTable[] = [
  {
    table: 'llm_usage',
    category: MODELS,
    key: ['id'],
    workspace: scope,
    texts: ['step_key', 'call_key'],
    distinct: ['call_key'],
    plain: [
      'run_id',
      'agent_slug',
      'provider',
      'model',
      'price_version',
      'status',
      'kind',
      'source',
      'cache',
    ],
  },
  {
    table: 'llm_semantic_answers',
    category: 'Kept answers of models, found by meaning',
    key: ['id'],
    workspace: scope,
    erase: 'delete',
    json: ['answer'],
    plain: ['scope', 'embedding'],
  },
  {
    table: 'router_settings',
    category: SETTINGS,
    key: ['workspace_id'],
    workspace: scope,
    plain: ['settings'],
  },
  {
    table: 'provider_circuits',
    category: SETTINGS,
    key: ['id'],
    workspace: null,
    plain: ['provider', 'model', 'credential', 'state', 'reason', 'probe_token'],
  },
  { table: 'provider_buckets', category: SETTINGS, key: ['id'], workspace: null },
  { table: 'provider_slots', category: SETTINGS, key: ['bucket_id', 'owner'], workspace: null },
  {
    table: 'provider_stats',
    category: MODELS,
    key: ['workspace_id', 'minute', 'provider', 'model', 'process'],
    workspace: scope,
    plain: ['figures'],
  },
  {
    table: 'model_prices',
    category: SETTINGS,
    key: ['workspace_id', 'provider', 'model'],
    workspace: scope,
    plain: ['version'],
  },
  {
    table: 'price_packages',
    category: SETTINGS,
    key: ['id'],
    workspace: scope,
    plain: ['version', 'source_url', 'models'],
  },
  {
    table: 'budgets',
    category: SETTINGS,
    key: ['id'],
    workspace: scope,
    texts: ['name'],
    plain: ['window_kind', 'agent'],
  },
  {
    table: 'budget_counters',
    category: SETTINGS,
    key: ['budget_id', 'window_key'],
    workspace: scope,
  },
  {
    table: 'budget_grants',
    category: SETTINGS,
    key: ['budget_id', 'window_key', 'holder'],
    workspace: scope,
  },
];

/**
 * What model calls keep about people: labels of calls, and kept answers. Those are forgotten for the whole workspace, in memory, in
 * Redis and with their vectors: what was asked cannot be read from a vector, and so not told apart either.
 */
export function createModelsPersonalData(deps: {
  answers: Pick<AnswerCache, 'clear'>;
}): PersonalDataHolder {
  return createTableHolder({
    name: 'providers',
    tables: TABLES,
    async forget({ workspaces }) {
      let forgotten = 0;
      for (const workspaceId of workspaces) forgotten += await deps.answers.clear(workspaceId);
      return { 'kept answers and vectors': forgotten };
    },
  });
}

import { isJsonObject } from '@automatos/kernel';
import type { BilledUses } from './cost.ts';

/** Vendors' names of what they bill by use, and ours. */
const NAMES: Readonly<Record<string, string>> = {
  web_search: 'web_search',
  search_web: 'web_search',
  fetch_url: 'fetch_url',
  fetch_url_content: 'fetch_url',
};

/**
 * Reads from a vendor's raw usage how often it searched or fetched on its own: Anthropic's `server_tool_use`, Perplexity's
 * `tool_calls_details`, Cohere's `billed_units.search_units`. Empty when it says nothing.
 */
export function readBilledUses(rawUsage: unknown): BilledUses {
  if (!isJsonObject(rawUsage)) return {};
  const uses: Record<string, number> = {};
  const add = (name: string | undefined, count: unknown) => {
    if (name === undefined || typeof count !== 'number' || !(count > 0)) return;
    uses[name] = (uses[name] ?? 0) + Math.ceil(count);
  };
  const { server_tool_use: server, tool_calls_details: tools, billed_units: billed } = rawUsage;
  if (isJsonObject(server)) {
    add('web_search', server['web_search_requests']);
    add('fetch_url', server['web_fetch_requests']);
  }
  if (isJsonObject(tools))
    for (const [name, detail] of Object.entries(tools))
      if (isJsonObject(detail)) add(NAMES[name] ?? name, detail['invocation']);
  if (isJsonObject(billed)) add('search_unit', billed['search_units']);
  return uses;
}

import { createToolRegistry } from '../registry.ts';
import { LABELLED_REQUESTS } from './labelled-requests.fixture.ts';
import { rankableTool } from './tool-hints.ts';
import { createToolRanking } from './tool-ranking.ts';

export interface Recall {
  requests: number;
  at1: number;
  at5: number;
  missed: { request: string; wanted: string[]; got: string[] }[];
}

/** Share of requests for which a fitting tool is among the first one and five, over all tools of the product. */
export function measureRecall(part: 'dev' | 'held-out'): Recall {
  const registry = createToolRegistry();
  const ranking = createToolRanking(
    registry.list().map((tool) => rankableTool(tool, registry.describe(tool.name).input_schema)),
  );
  const requests = LABELLED_REQUESTS.filter(
    (_request, index) => (Math.floor(index / 2) + index) % 2 === (part === 'dev' ? 0 : 1),
  );
  const missed: Recall['missed'] = [];
  let first = 0;
  for (const [request, ...wanted] of requests) {
    const got = ranking.rank(request, { limit: 5 }).map(({ tool }) => tool);
    if (wanted.includes(got[0] ?? '')) first += 1;
    if (!got.some((tool) => wanted.includes(tool))) missed.push({ request, wanted, got });
  }
  const { length } = requests;
  return { requests: length, at1: first / length, at5: (length - missed.length) / length, missed };
}

import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { countBy } from '../workspace/count-by.ts';
import { compareText } from '../workspace/walk.ts';
import { ENTITY_TYPES, type EntityType, type FoundEntity } from './entity-types.ts';
import type { Sentence } from './sentences.ts';
import {
  failureSchema,
  locationOf,
  placeName,
  sourcesInputShape,
  sourceSummarySchema,
  spanSchema,
  summarise,
  type Span,
} from './source-document.ts';

const input = z.strictObject({
  ...sourcesInputShape,
  types: z.array(z.enum(ENTITY_TYPES)).max(20).optional().describe('Only entities of these kinds'),
  limit: z.int().min(1).max(2000).default(500),
});
const entity = z.object({
  type: z.enum(ENTITY_TYPES),
  value: z.string(),
  mentions: z.int(),
  sources: z.array(z.string()),
  spans: z.array(spanSchema),
});
const output = z.object({
  sources: z.array(sourceSummarySchema),
  failures: z.array(failureSchema),
  entities: z.array(entity),
  entities_total: z.int(),
  by_type: z.record(z.string(), z.int()),
  sentences: z.int(),
  sentences_left: z.int(),
});

const SENTENCES_MAX = 8000;
const SPANS_MAX = 5;
const FINDINGS_MAX = 200;
/** Kinds by which an incident is recognised elsewhere. */
const INDICATORS: Readonly<Partial<Record<EntityType, string>>> = {
  cve: 'vulnerability',
  ip: 'network address',
  hash: 'file hash',
};

interface Entity extends FoundEntity {
  mentions: number;
  sources: Set<string>;
  spans: Span[];
  first: Sentence;
}

function record(
  entities: Map<string, Entity>,
  found: FoundEntity,
  { sentence, span }: { sentence: Sentence; span: Span },
): void {
  const key = `${found.type} ${found.value.toLowerCase()}`;
  const known = entities.get(key) ?? {
    ...found,
    mentions: 0,
    sources: new Set<string>(),
    spans: [],
    first: sentence,
  };
  known.mentions += 1;
  known.sources.add(span.source);
  if (known.spans.length < SPANS_MAX) known.spans.push(span);
  entities.set(key, known);
}

function indicatorFinding({ type, value, first, sources }: Entity): Finding[] {
  const name = INDICATORS[type];
  if (name === undefined) return [];
  return [
    {
      rule: `entity.${type}`,
      severity: 'info',
      message: `The ${name} ${value} is named in ${sources.size === 1 ? 'one source' : `${sources.size} sources`} (first in ${placeName(first.source, first.line)}).`,
      ...locationOf(first.source, first.line, first.endLine),
      evidence: first.text.slice(0, 400),
      tool: 'extract_entities',
    },
  ];
}

function shown({ type, value, mentions, sources, spans }: Entity): z.output<typeof entity> {
  return { type, value, mentions, sources: [...sources], spans };
}

function ranked(entities: Map<string, Entity>): Entity[] {
  return [...entities.values()].toSorted(
    (a, b) =>
      ENTITY_TYPES.indexOf(a.type) - ENTITY_TYPES.indexOf(b.type) ||
      b.mentions - a.mentions ||
      compareText(a.value, b.value),
  );
}

export const extractEntities = defineTool({
  name: 'extract_entities',
  title: 'Extract entities',
  description:
    'Finds people, organisations, places, products with versions, e-mail addresses, IP addresses, domains, URLs, hashes, CVE numbers, amounts of money and dates in sources, each with the lines that name it.',
  group: 'intelligence',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['names', 'people', 'organisation', 'indicator', 'ioc', 'ner', 'email'],
  async run(request, env) {
    const { describeLoaded, loadSources } = await import('./load-sources.ts');
    const { sentencesOf, spanOf } = await import('./sentences.ts');
    const { patternEntities } = await import('./entity-patterns.ts');
    const { namedEntities } = await import('./entity-names.ts');
    const loaded = await loadSources(request, env);
    const sentences = loaded.documents.flatMap(sentencesOf);
    const entities = new Map<string, Entity>();
    const wanted = new Set<EntityType>(request.types ?? ENTITY_TYPES);
    for (const [index, sentence] of sentences.slice(0, SENTENCES_MAX).entries()) {
      if (index % 200 === 0) {
        env.signal.throwIfAborted();
        env.progress(`${index} of ${sentences.length} sentences`, index / sentences.length);
      }
      const text = sentence.text.slice(0, 4000);
      for (const found of [...patternEntities(text), ...namedEntities(text)])
        if (wanted.has(found.type)) record(entities, found, { sentence, span: spanOf(sentence) });
    }
    const all = ranked(entities);
    const left = Math.max(0, sentences.length - SENTENCES_MAX);
    const byType = countBy(all, ({ type }) => type);
    const findings = all.flatMap(indicatorFinding);
    return {
      output: {
        sources: loaded.documents.map(summarise),
        failures: loaded.failures,
        entities: all.slice(0, request.limit).map(shown),
        entities_total: all.length,
        by_type: byType,
        sentences: Math.min(sentences.length, SENTENCES_MAX),
        sentences_left: left,
      },
      summary: `${describeLoaded(loaded)}; ${all.length} entities in ${Math.min(sentences.length, SENTENCES_MAX)} sentences (${
        Object.entries(byType)
          .map(([type, count]) => `${count} ${type}`)
          .join(', ') || 'none'
      })${left === 0 ? '' : `; ${left} sentences were not read`}.`,
      findings: findings.slice(0, FINDINGS_MAX),
      findingsTotal: findings.length,
    };
  },
});

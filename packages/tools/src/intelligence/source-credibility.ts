import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import type { Judgement } from './judge-source.ts';
import {
  failureSchema,
  SOURCE_KINDS,
  sourcesInputShape,
  type SourceDocument,
} from './source-document.ts';

const input = z.strictObject({
  ...sourcesInputShape,
  weak_below: z.number().min(0).max(1).default(0.4).describe('Scores below this are findings'),
});
const output = z.object({
  sources: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(SOURCE_KINDS),
      origin: z.string(),
      credibility: z.number().min(0).max(1),
      signals: z.array(z.object({ signal: z.string(), effect: z.number(), reason: z.string() })),
      copy_of: z.string().nullable(),
    }),
  ),
  failures: z.array(failureSchema),
  mean: z.number().nullable(),
});

function weakFinding(source: SourceDocument, judgement: Judgement): Finding {
  const against = judgement.signals.filter(({ effect }) => effect < 0);
  return {
    rule: 'source.weak',
    severity: 'medium',
    message: `The source scores ${judgement.score.toFixed(2)} of 1: ${against.map(({ reason }) => reason).join('; ')}.`,
    ...(source.path === null ? {} : { location: { path: source.path } }),
    evidence: source.title === null ? source.origin : `${source.title} (${source.origin})`,
    fix: 'Do not rest a claim on this source alone; look for a primary source.',
    tool: 'source_credibility',
  };
}

function copyFinding(source: SourceDocument, original: SourceDocument): Finding {
  return {
    rule: 'source.duplicate',
    severity: 'low',
    message: `The source repeats ${original.origin}; together they are one voice.`,
    ...(source.path === null ? {} : { location: { path: source.path } }),
    evidence: source.origin,
    fix: 'Count both as one source.',
    tool: 'source_credibility',
  };
}

export const sourceCredibility = defineTool({
  name: 'source_credibility',
  title: 'Credibility of sources',
  description:
    'Scores sources from 0 to 1 by signals that can be computed: encryption, kind of domain, author, date, references, tone, contradictions by others, copies. Each signal is given with its reason; it does not say whether a source is right.',
  group: 'intelligence',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['trust', 'reliability', 'quality', 'provenance', 'score'],
  async run(request, env) {
    const { describeLoaded, loadSources } = await import('./load-sources.ts');
    const { judgeSources } = await import('./judge-source.ts');
    const loaded = await loadSources(request, env);
    const judged = judgeSources(loaded.documents);
    const findings = loaded.documents.flatMap((source): Finding[] => {
      const judgement = judged.get(source.id);
      if (judgement === undefined) return [];
      if (judgement.copyOf !== null) return [copyFinding(source, judgement.copyOf)];
      return judgement.score < request.weak_below ? [weakFinding(source, judgement)] : [];
    });
    const sources = loaded.documents.map((source) => {
      const judgement = judged.get(source.id);
      return {
        id: source.id,
        kind: source.kind,
        origin: source.origin,
        credibility: judgement?.score ?? 0,
        signals: judgement?.signals ?? [],
        copy_of: judgement?.copyOf?.id ?? null,
      };
    });
    const weak = findings.filter(({ rule }) => rule === 'source.weak').length;
    const total = sources.reduce((sum, { credibility }) => sum + credibility, 0);
    return {
      output: {
        sources,
        failures: loaded.failures,
        mean: sources.length === 0 ? null : Math.round((total / sources.length) * 100) / 100,
      },
      summary: `${describeLoaded(loaded)}; ${weak} weak, ${findings.length - weak} copies of others.`,
      findings,
    };
  },
});

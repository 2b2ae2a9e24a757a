import type { AgentCheck, Finding } from '@automatos/contracts';

/** What quality is computed from; nothing in it comes from a model's opinion. */
export interface QualityInput {
  checks: readonly Pick<AgentCheck, 'status'>[];
  findings: readonly Finding[];
  /** Whether the place of a finding is there and holds its evidence; null when nothing could be looked at. */
  resolves: (finding: Finding) => boolean | null;
  /** Whether the object asked for fits its schema; null when none was asked for. */
  schemaFits: boolean | null;
}

export interface QualityPart {
  name: 'checks' | 'evidence' | 'schema';
  score: number | null;
  weight: number;
  detail: string;
}

const WEIGHTS: Readonly<Record<QualityPart['name'], number>> = {
  checks: 0.5,
  evidence: 0.4,
  schema: 0.1,
};

/** Score 0–1 from what could be measured, null when nothing could; parts that were not measured count nowhere. */
export function reportQuality(input: QualityInput): {
  quality: number | null;
  parts: QualityPart[];
} {
  const parts = [checksPart(input), evidencePart(input), schemaPart(input)];
  const measured = parts.filter((part) => part.score !== null);
  const weight = measured.reduce((sum, { name }) => sum + WEIGHTS[name], 0);
  if (weight === 0) return { quality: null, parts };
  const total = measured.reduce((sum, { name, score }) => sum + WEIGHTS[name] * (score ?? 0), 0);
  return { quality: Math.round((total / weight) * 1000) / 1000, parts };
}

/** Share of the checks that ran to their end. */
function checksPart({ checks }: QualityInput): QualityPart {
  const ran = checks.filter(({ status }) => status === 'success').length;
  if (checks.length === 0) return part('checks', null, 'no check was made');
  return part('checks', ran / checks.length, `${ran} of ${checks.length} checks ran to the end`);
}

/** Share of the findings with evidence whose place, when they name one that can be looked at, holds. */
function evidencePart({ findings, resolves }: QualityInput): QualityPart {
  if (findings.length === 0) return part('evidence', null, 'there are no findings to prove');
  const held = findings.filter(
    (finding) => finding.evidence.trim() !== '' && resolves(finding) !== false,
  ).length;
  const detail = `${held} of ${findings.length} findings carry evidence that holds`;
  return part('evidence', held / findings.length, detail);
}

function schemaPart({ schemaFits }: QualityInput): QualityPart {
  if (schemaFits === null) return part('schema', null, 'no form of the answer was asked for');
  return schemaFits
    ? part('schema', 1, 'the answer has the form asked for')
    : part('schema', 0, 'the answer misses the form asked for');
}

function part(name: QualityPart['name'], score: number | null, detail: string): QualityPart {
  return { name, score, weight: WEIGHTS[name], detail };
}

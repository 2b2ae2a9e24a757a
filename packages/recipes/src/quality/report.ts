import { gradeOf } from '@automatos/contracts';
import type { EventData, QualityReport } from '@automatos/contracts';
import { weightedMean } from './dimensions.ts';

export type Dimension = QualityReport['content'][number];

export interface ReportParts {
  stepId: string | null;
  outputType: string;
  threshold: number | null;
  scoredAt: string;
  content: Dimension[];
  operational: Dimension[];
  judge: QualityReport['judge'];
}

/** The report over its dimensions: score, grade and whether the threshold is reached. */
export function makeReport(parts: ReportParts): QualityReport {
  const score = weightedMean(parts.content);
  return {
    step_id: parts.stepId,
    output_type: parts.outputType,
    score,
    grade: gradeOf(score),
    threshold: parts.threshold,
    // What could not be scored neither passes nor fails.
    passed: parts.threshold === null || score === null ? null : score >= parts.threshold,
    content: parts.content,
    operational: parts.operational,
    operational_score: weightedMean(parts.operational),
    judge: parts.judge,
    scored_at: parts.scoredAt,
  };
}

/** A report as the event `quality.scored` carries it. */
export function qualityEventData(report: QualityReport): EventData<'quality.scored'> {
  return {
    score: report.score,
    grade: report.grade,
    ...(report.threshold === null ? {} : { threshold: report.threshold }),
    ...(report.passed === null ? {} : { passed: report.passed }),
    dimensions: Object.fromEntries(report.content.map(({ name, score }) => [name, score])),
  };
}

/** Worst problems first, in words that a model or a person can act on: what a repair has to mend. */
export function qualityProblems(report: QualityReport, max = 12): string[] {
  return report.content
    .flatMap(({ weight, evidence }) =>
      evidence.map(({ check, score, detail }) => ({
        loss: weight * (1 - (score ?? 1)),
        check,
        detail,
      })),
    )
    .filter(({ loss }) => loss > 0)
    .toSorted((a, b) => b.loss - a.loss)
    .slice(0, max)
    .map(({ check, detail }) => `${check.replaceAll('_', ' ')}: ${detail}`);
}

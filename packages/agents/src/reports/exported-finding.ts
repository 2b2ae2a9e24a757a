import type { Finding, Run } from '@automatos/contracts';
import { maskText } from '@automatos/tools';

/** A finding of a run with where in it it was found. */
export type RunFinding = Finding & { step_id: string; agent: string | null };

/** What a report says about where its findings come from. */
export interface ReportSource {
  run: Pick<Run, 'id' | 'kind' | 'title' | 'status' | 'created_at' | 'started_at' | 'finished_at'>;
  findings: readonly RunFinding[];
  /** Findings there were; more than `findings` when tools kept fewer. */
  findingsTotal: number;
  /** Version of the product. */
  version: string;
}

/** The finding as it may leave the house: tools mask what they quote, and what looks like a secret still is masked here again. */
export function masked(finding: RunFinding): RunFinding {
  return {
    ...finding,
    message: maskText(finding.message),
    evidence: maskText(finding.evidence),
    ...(finding.fix === undefined ? {} : { fix: maskText(finding.fix) }),
  };
}

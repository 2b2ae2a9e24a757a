import type { AgentTask, Finding } from '@automatos/contracts';
import type { TurnResult } from '../runtime/runtime-types.ts';

/** What a finding must look like to count as the one that was planted. */
export interface ExpectedFinding {
  rule: string;
  /** Relative to the fixture's folder. */
  path?: string;
  line?: number;
  /** Must stand in message or evidence, whatever the case. */
  contains?: string;
}

/** Beside the fixture's files as `expected.json`. */
export interface ExpectedFindings {
  /** What was planted; recall counts how many of these are found. */
  planted: ExpectedFinding[];
  /**
   * Further statements that are true of the fixture and were not put there on purpose (e.g. the summary of a profile). A finding
   * that is neither here nor planted is false, and precision counts it. Keep it short: the table shows how many there are.
   */
  also_true?: ExpectedFinding[];
}

export interface PreparedFixture {
  task: AgentTask;
  expected: ExpectedFindings;
  /** Executes or validates what the agent made (tests, Dockerfiles, rules, SQL …), whose contents come by name; returns what is wrong with it. */
  verify?(result: TurnResult, made: ReadonlyMap<string, string>): Promise<string[]>;
  /** Stops what `prepare` started. */
  close?(): Promise<void>;
}

/** Real input with planted truth for one of the specialists. */
export interface AgentFixture {
  /** Slug of the agent. */
  agent: string;
  /** Builds the input in `folder` (empty, absolute) and starts what it needs, e.g. a server on loopback. */
  prepare(folder: string): Promise<PreparedFixture>;
}

export interface FindingScore {
  planted: number;
  found: number;
  reported: number;
  falseFindings: Finding[];
  missed: ExpectedFinding[];
  /** found ÷ planted. */
  recall: number;
  /** True ones ÷ reported. */
  precision: number;
}

function matches(expected: ExpectedFinding, finding: Finding): boolean {
  if (expected.rule !== finding.rule) return false;
  if (expected.path !== undefined && expected.path !== finding.location?.path) return false;
  if (expected.line !== undefined && expected.line !== finding.location?.line) return false;
  const text = `${finding.message}\n${finding.evidence}`.toLowerCase();
  return expected.contains === undefined || text.includes(expected.contains.toLowerCase());
}

/** Holds what was reported against what was planted. */
export function scoreFindings(
  findings: readonly Finding[],
  { planted, also_true: alsoTrue = [] }: ExpectedFindings,
): FindingScore {
  const missed = planted.filter((one) => !findings.some((finding) => matches(one, finding)));
  const known = [...planted, ...alsoTrue];
  const falseFindings = findings.filter((finding) => !known.some((one) => matches(one, finding)));
  const found = planted.length - missed.length;
  return {
    planted: planted.length,
    found,
    reported: findings.length,
    falseFindings,
    missed,
    recall: planted.length === 0 ? 0 : found / planted.length,
    precision: findings.length === 0 ? 0 : 1 - falseFindings.length / findings.length,
  };
}

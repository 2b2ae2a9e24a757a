import type { TargetFacts, TargetKind } from '../target/target-facts.ts';

/** Goals that name no work but a point of view. */
export interface BroadGoal {
  name: string;
  says: RegExp;
  needs: readonly string[];
}

export const BROAD_GOALS: readonly BroadGoal[] = [
  {
    name: 'what somebody new meets',
    says: /\b(newcomers?|beginners?|onboarding|stumbles?|first day|new (?:developers?|contributors?|hires?|users?|people|colleagues?|engineers?))\b/i,
    needs: ['documentation', 'code_analysis', 'testing', 'deployment'],
  },
  {
    name: 'the state of the whole',
    says: /\b(health|overall|in general|everything|whole (?:project|repository|repo)|full (?:check|review|audit)|state of|what is wrong|what's wrong|production.ready|ready for production|improve (?:this|the|my|our) (?:repo(?:sitory)?|project|codebase))\b/i,
    needs: ['security_scan', 'code_analysis', 'documentation', 'testing'],
  },
];

/** Field that the kind of the target speaks for. */
export function fieldOfTarget(facts: TargetFacts): string | null {
  const byKind: Partial<Record<TargetKind, string>> = {
    data_file: 'data',
    api_description: 'api',
    log_file: 'monitoring',
    source_file: 'code',
    document: 'documentation',
    domain: 'intelligence',
  };
  if (facts.kind !== 'folder') return byKind[facts.kind] ?? null;
  if (facts.sourceFiles > 0) return 'code';
  if (facts.dataFiles.length > 0) return 'data';
  if (facts.logFiles.length > 0) return 'monitoring';
  if (facts.apiDescriptions.length > 0) return 'api';
  return facts.documents > 0 ? 'documentation' : null;
}

const FIRST_OF_FIELD: Readonly<Record<string, readonly string[]>> = {
  data: ['data_analysis'],
  api: ['api_design'],
  monitoring: ['monitoring'],
  documentation: ['documentation'],
  intelligence: ['domain_analysis'],
};

/** What to do with a target when the words of the goal do not say it. */
export function needsOfTarget(facts: TargetFacts): readonly string[] {
  const field = fieldOfTarget(facts);
  if (facts.kind === 'folder' && field === 'code') return BROAD_GOALS[1]?.needs ?? [];
  if (facts.kind === 'source_file') return ['code_analysis'];
  if (facts.kind === 'url') return ['intelligence_gathering'];
  return field === null ? [] : (FIRST_OF_FIELD[field] ?? []);
}

/** Questions are for research, whatever they are about. */
export function isQuestion(goal: string): boolean {
  return (
    /\?\s*$/.test(goal) ||
    /^(?:what|why|how|which|who|when|where|is|are|does|do|can|should)\b/i.test(goal)
  );
}

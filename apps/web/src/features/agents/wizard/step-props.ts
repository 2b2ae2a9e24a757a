import type { AgentDraft, Problems } from './agent-draft.ts';

/** What every step of the wizard gets. */
export interface StepProps {
  draft: AgentDraft;
  change: (changes: Partial<AgentDraft>) => void;
  problems: Problems;
}

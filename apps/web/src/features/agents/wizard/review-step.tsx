'use client';

import type { Agent } from '@automatos/sdk';
import type { ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { formatCost, formatDuration, formatNumber, plural, sentence } from '../../../lib/format.ts';
import { refText } from '../../providers/provider-types.ts';
import type { AgentDraft, WizardStep } from './agent-draft.ts';
import { TestRun } from './test-run.tsx';

function Summary({
  title,
  step,
  onGo,
  children,
}: {
  title: string;
  step: WizardStep;
  onGo: (step: WizardStep) => void;
  children: ReactNode;
}) {
  return (
    <div className="flex items-start justify-between gap-4 px-5 py-3.5 text-sm">
      <div className="min-w-0">
        <p className="font-medium">{title}</p>
        <div className="mt-0.5 text-ink-soft wrap-anywhere">{children}</div>
      </div>
      <Button size="sm" onClick={() => onGo(step)} aria-label={`Change ${title.toLowerCase()}`}>
        Change
      </Button>
    </div>
  );
}

function modelText({ model }: AgentDraft): string {
  if (model.provider === null) return "the platform's default model";
  const own = refText({ provider: model.provider, model: model.model ?? '' });
  const others = (model.fallbacks ?? []).length;
  return others === 0 ? own : `${own}, then ${plural(others, 'fallback')}`;
}

/** Everything at a glance, and the trial. */
export function ReviewStep({
  draft,
  agent,
  onGo,
}: {
  draft: AgentDraft;
  agent: Agent | null;
  onGo: (step: WizardStep) => void;
}) {
  const { limits } = draft;
  const changing = draft.tools.filter(({ level }) => level !== 'read_only').length;
  return (
    <div className="grid gap-8">
      <div className="divide-y divide-line rounded-card border border-line">
        <Summary title="Basics" step="basics" onGo={onGo}>
          {draft.name}, {sentence(draft.category)}
          {draft.visibility === 'creator' ? ', seen by you alone' : ''}
          {draft.description === '' ? null : <p className="line-clamp-2">{draft.description}</p>}
        </Summary>
        <Summary title="Persona" step="persona" onGo={onGo}>
          {draft.persona_text !== '' ? 'its own' : (draft.persona ?? 'none')}
          {draft.instructions === ''
            ? ', no instructions'
            : `, instructions of ${formatNumber(draft.instructions.length)} characters`}
        </Summary>
        <Summary title="Model" step="model" onGo={onGo}>
          {modelText(draft)}; at most {formatDuration(limits.max_duration_ms)},{' '}
          {formatNumber(limits.max_total_tokens)} tokens
          {limits.max_cost_micros === null ? '' : `, ${formatCost(limits.max_cost_micros)}`} a turn
        </Summary>
        <Summary title="Capabilities" step="capabilities" onGo={onGo}>
          {draft.capabilities.length === 0 ? 'none named' : draft.capabilities.join(', ')};{' '}
          {plural(draft.tools.length, 'tool')}
          {changing === 0 ? '' : `, ${changing} of them with more than reading`}
        </Summary>
      </div>
      <section aria-labelledby="trial">
        <h3 id="trial" className="mb-1 text-base font-semibold">
          Try it before you save
        </h3>
        <p className="mb-4 text-sm text-ink-soft">
          A real run with what stands here. Nothing is saved, and tools that would change something
          are refused.
        </p>
        <TestRun draft={draft} agent={agent} />
      </section>
    </div>
  );
}

import type { Agent, CreateAgentData } from '@automatos/sdk';

/** What the wizard fills in: an agent as the API takes it. */
export type AgentDraft = Required<Omit<CreateAgentData['body'], 'slug' | 'model' | 'limits'>> & {
  model: Agent['model'];
  limits: Agent['limits'];
};
export type Grant = AgentDraft['tools'][number];
export type GrantLevel = NonNullable<Grant['level']>;

export const EMPTY_DRAFT: AgentDraft = {
  name: '',
  category: 'custom',
  description: '',
  tags: [],
  persona: null,
  persona_text: '',
  instructions: '',
  model: {
    provider: null,
    model: null,
    temperature: 0.7,
    max_tokens: 2000,
    top_p: 1,
    frequency_penalty: 0,
    presence_penalty: 0,
    fallbacks: [],
  },
  tools: [],
  capabilities: [],
  limits: {
    max_iterations: 25,
    max_tool_calls: 100,
    max_total_tokens: 500_000,
    max_cost_micros: null,
    max_duration_ms: 300_000,
  },
  concurrency_limit: 5,
  priority: 'normal',
  visibility: 'workspace',
  family: null,
};

/** The fields of an agent that an update sends. */
export function draftOf(agent: Agent): AgentDraft {
  const fields = Object.keys(EMPTY_DRAFT) as (keyof AgentDraft)[];
  const draft = Object.fromEntries(
    fields.map((name) => [name, agent[name]]),
  ) as unknown as AgentDraft;
  // Agents of older versions have no such list.
  return { ...draft, model: { ...draft.model, fallbacks: draft.model.fallbacks ?? [] } };
}

export const STEPS = ['basics', 'persona', 'model', 'capabilities', 'review'] as const;
export type WizardStep = (typeof STEPS)[number];

export const STEP_LABELS: Record<WizardStep, string> = {
  basics: 'Basics',
  persona: 'Persona',
  model: 'Model',
  capabilities: 'Capabilities',
  review: 'Review and test',
};

const FIELDS: Record<Exclude<WizardStep, 'review'>, readonly (keyof AgentDraft)[]> = {
  basics: ['name', 'category', 'description', 'tags', 'visibility', 'family', 'priority'],
  persona: ['persona', 'persona_text', 'instructions'],
  model: ['model', 'limits', 'concurrency_limit'],
  capabilities: ['capabilities', 'tools'],
};

/** Messages by the pointer of the field, e.g. `/model/provider`. */
export type Problems = Readonly<Record<string, string>>;

/** Where a field is filled in; pointers of nothing known belong to the last step, which shows them all. */
export function stepOfPointer(pointer: string): WizardStep {
  // A test sends the draft as a part of its body.
  const field = pointer.replace(/^\/definition/, '').split('/')[1] ?? '';
  const found = Object.entries(FIELDS).find(([, fields]) => fields.some((name) => name === field));
  return (found?.[0] as WizardStep | undefined) ?? 'review';
}

/** What keeps a step from being left; the server has the last word on everything else. */
export function problemsOfStep(step: WizardStep, draft: AgentDraft): Problems {
  const problems: Record<string, string> = {};
  if (step === 'basics') {
    if (draft.name.trim() === '') problems['/name'] = 'Give the agent a name.';
    if (draft.category.trim() === '') problems['/category'] = 'Choose or enter a category.';
  }
  if (step === 'model') {
    const { limits, model } = draft;
    for (const [name, value] of Object.entries(limits))
      if (Number.isNaN(value)) problems[`/limits/${name}`] = 'Enter a number.';
    if (Number.isNaN(model.temperature) || model.temperature < 0 || model.temperature > 2)
      problems['/model/temperature'] = 'Enter a number from 0 to 2.';
    if (!(model.max_tokens >= 1)) problems['/model/max_tokens'] = 'Enter a number above 0.';
    if (!(model.top_p >= 0 && model.top_p <= 1))
      problems['/model/top_p'] = 'Enter a number from 0 to 1.';
    if (!(draft.concurrency_limit >= 1)) problems['/concurrency_limit'] = 'Enter a number above 0.';
  }
  return problems;
}

/** Words of a comma-separated list, each once. */
export function wordsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((word) => word.trim())
        .filter(Boolean),
    ),
  ];
}

import type { AgentInput } from '@automatos/contracts';

/** An agent that comes with the product. */
export type Specialist = AgentInput & { slug: string };

/** Long enough for a whole report, and for a review of a large repository with many findings. */
export const MODEL = {
  provider: null,
  model: null,
  temperature: 0.2,
  max_tokens: 16_000,
  top_p: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  fallbacks: [],
};
export const LIMITS = {
  max_iterations: 25,
  max_tool_calls: 100,
  max_total_tokens: 2_000_000,
  max_cost_micros: null,
  max_duration_ms: 300_000,
};

/** Grants for tools that only look. */
export function readOnly(...tools: string[]): AgentInput['tools'] {
  return tools.map((tool) => ({ tool, level: 'read_only' as const }));
}

/** A specialist with the limits that all of them share. */
export function specialist(
  parts: Pick<
    Specialist,
    'slug' | 'name' | 'category' | 'description' | 'tags' | 'persona' | 'tools' | 'capabilities'
  > & { instructions: string[] },
): Specialist {
  return {
    ...parts,
    persona_text: '',
    instructions: parts.instructions.join('\n'),
    model: MODEL,
    limits: LIMITS,
    concurrency_limit: 5,
    priority: 'normal',
    visibility: 'workspace',
    family: null,
  };
}

/** Which tools each task type of a specialist calls for. The first task type is the one meant when none is named. */
export type Playbook = Readonly<Record<string, readonly string[]>>;

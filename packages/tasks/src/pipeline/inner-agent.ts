import { agentSchema } from '@automatos/contracts';
import type { Agent } from '@automatos/contracts';
import type { ModelRef } from '@automatos/providers';

const ANSWER_TOKENS = 4_000;
const TIME_MS = 120_000;

/** An agent without tools for what a stage itself asks a model. */
export function innerAgent(
  model: ModelRef,
  of: { slug: string; name: string; instructions: string; startedMs: number },
): Agent {
  const at = new Date(of.startedMs).toISOString();
  return agentSchema.parse({
    id: '00000000-0000-7000-8000-000000000002',
    slug: of.slug,
    name: of.name,
    category: 'custom',
    status: 'active',
    version: 1,
    seeded: true,
    created_at: at,
    updated_at: at,
    instructions: of.instructions,
    model: {
      provider: model.provider,
      model: model.model,
      temperature: 0,
      max_tokens: ANSWER_TOKENS,
    },
    limits: { max_iterations: 2, max_tool_calls: 0, max_duration_ms: TIME_MS },
    tools: [],
  });
}

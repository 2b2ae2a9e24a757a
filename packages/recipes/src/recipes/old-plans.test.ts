import { describe, expect, it } from 'vitest';
import { declaredSteps, readPlan } from '../execution/plan.ts';

const at = '2026-01-01T00:00:00.000Z';

/** As the first release stored it with a run: no recipes, no fields that came later. */
const OLD_PLAN = {
  definition: {
    slug: 'old',
    name: 'Old',
    description: '',
    tags: [],
    inputs: { type: 'object', properties: {} },
    outputs: { report: '{{steps.report.content}}' },
    steps: [
      {
        step_id: 'look',
        agent: 'code',
        prompt_template: 'Look.',
        retry: { max_attempts: 2, delay_ms: 1000, factor: 2, delay_ms_max: 60_000 },
      },
      {
        type: 'parallel',
        step_id: 'both',
        steps: [{ step_id: 'scan', type: 'tool', tool: 'secret_scan', input: {} }],
      },
      {
        step_id: 'report',
        type: 'document',
        title: 'T',
        format: 'markdown',
        template: '{{steps.look.text}}',
      },
    ],
    execution: {
      max_retries: 0,
      retry_delay_ms: 1000,
      timeout_per_step_ms: 300_000,
      total_timeout_ms: 600_000,
      parallel_limit: 5,
    },
  },
  recipe_version: 3,
  agents: {
    code: {
      agent: {
        id: '01990000-0000-7000-8000-000000000001',
        slug: 'code',
        status: 'active',
        version: 1,
        seeded: true,
        created_at: at,
        updated_at: at,
        name: 'Code',
        category: 'code_architect',
        description: '',
        tags: [],
        persona: null,
        instructions: '',
        model: {
          provider: null,
          model: null,
          temperature: 0.2,
          max_tokens: 2000,
          top_p: 1,
          frequency_penalty: 0,
          presence_penalty: 0,
        },
        tools: [{ tool: 'grep_search', level: 'full' }],
        capabilities: [],
        limits: {
          max_iterations: 25,
          max_tool_calls: 100,
          max_total_tokens: 500_000,
          max_cost_micros: null,
          max_duration_ms: 300_000,
        },
      },
      persona_prompt: null,
    },
  },
};

describe('plans of runs that an earlier release started', () => {
  it('are read with the defaults of what came later', () => {
    const plan = readPlan(OLD_PLAN);
    expect(plan.recipes).toEqual({});
    expect(plan.definition).toMatchObject({
      output_type: 'report',
      triggers: [],
      execution: { mode: 'auto', priority: 'normal', auto_learning: false },
    });
    const { code } = OLD_PLAN.agents;
    const model = { ...code.agent.model, fallbacks: [] };
    // What agents did not have then is as if nobody had set it.
    const since = {
      persona_text: '',
      concurrency_limit: 5,
      priority: 'normal',
      visibility: 'workspace',
      family: null,
    };
    const agent = { ...code.agent, ...since, model };
    expect(plan.agents).toEqual({ code: { ...code, agent } });
    expect(declaredSteps(plan.definition).map(({ stepId }) => stepId)).toEqual([
      'look',
      'both',
      'scan',
      'report',
    ]);
  });

  it('that cannot be carried out say why', () => {
    const broken = {
      ...OLD_PLAN,
      definition: { ...OLD_PLAN.definition, steps: [{ step_id: 'x', type: 'gone' }] },
    };
    expect(() => readPlan(broken)).toThrow(
      expect.objectContaining({
        code: 'recipes.plan.unreadable',
        message: expect.stringContaining('/definition/steps/0') as string,
      }) as Error,
    );
  });
});

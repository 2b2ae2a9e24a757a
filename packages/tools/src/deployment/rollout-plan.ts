import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { environmentDiffSchema } from './environment-schema.ts';
import { rolloutRequestSchema, rolloutStepSchema } from './rollout-schema.ts';

const output = z.object({
  plan: z.object({
    component: z.string(),
    platform: z.string(),
    strategy: z.string(),
    blockers: z.array(z.string()).describe('What must be solved before the first step'),
    steps: z.array(rolloutStepSchema),
  }),
  rollback: z.array(z.string()).describe('The way back as a whole, in order'),
  diff: environmentDiffSchema.nullable(),
});

export const rolloutPlan = defineTool({
  name: 'rollout_plan',
  title: 'Plan a rollout',
  description:
    'Plans how to bring a project into another environment: blockers, steps with commands, a check after each and the way back, worked out from the detected stack and the difference between two environments.',
  group: 'deployment',
  input: rolloutRequestSchema,
  output,
  capabilities: ['read'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['deployment', 'release', 'rollback', 'canary', 'migration', 'steps'],
  async run(request, env) {
    const [{ readStack }, { planRollout, toMarkdown }, { compareEnvironments }] = await Promise.all(
      [import('./read-stack.ts'), import('./plan-rollout.ts'), import('./compare-environments.ts')],
    );
    const { stack } = await readStack({ path: request.path }, env);
    const { current, wanted, path } = request;
    const compared =
      current === undefined || wanted === undefined
        ? null
        : await compareEnvironments({ path, current, wanted }, env);
    const { plan, rollback, findings } = planRollout(stack, request, compared);
    return {
      output: { plan, rollback, diff: compared?.diff ?? null },
      summary: `${plan.steps.length} steps (${plan.strategy}, ${plan.platform}) for ${plan.component}; ${plan.blockers.length === 0 ? 'nothing blocks it' : `${plan.blockers.length} blockers`}${compared === null ? '; environments were not compared, as "current" and "wanted" were not given' : ''}.`,
      findings,
      artifacts: [
        {
          name: 'rollout-plan.md',
          title: `Rollout of ${plan.component}`,
          contentType: 'text/markdown',
          content: toMarkdown(plan, rollback),
        },
      ],
    };
  },
});

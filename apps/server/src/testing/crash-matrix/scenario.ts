/** Recipes that use every kind of step; each call and effect names its run, so that the outside world can tell them apart. */
const PUT = (effect: string) =>
  `{ url: '{{inputs.effects}}/{{run.id}}/${effect}', method: PUT, json: { by: '{{run.id}}' } }`;

export const SUB_RECIPE = `
slug: crash-sub
name: Sub-run of the crash matrix
inputs: { type: object, properties: { effects: { type: string }, outer: { type: string } }, required: [effects, outer] }
steps:
  - { step_id: think, agent: documentation, tools: [], prompt_template: 'In a sub-run of run:{{inputs.outer}} say so' }
  - { step_id: act, type: tool, tool: http_request, input: { url: '{{inputs.effects}}/{{inputs.outer}}/sub', method: PUT, json: {} } }
outputs: { said: '{{steps.think.text}}' }
`;

export const MAIN_RECIPE = `
slug: crash-matrix
name: Every kind of step
inputs: { type: object, properties: { effects: { type: string }, items: { type: array, items: { type: string } } }, required: [effects, items] }
execution: { total_timeout_ms: 120000, parallel_limit: 3 }
steps:
  - { step_id: plan, agent: documentation, tools: [], prompt_template: 'Plan for run:{{run.id}}' }
  - step_id: group
    type: parallel
    steps:
      - { step_id: left, agent: documentation, tools: [], prompt_template: 'Left side of run:{{run.id}}' }
      - { step_id: right, type: tool, tool: http_request, input: ${PUT('right')} }
  - step_id: every
    type: map
    items: '{{inputs.items}}'
    steps:
      - { step_id: one, agent: documentation, tools: [], prompt_template: 'Item {{item}} of run:{{run.id}}' }
      - { step_id: keep, type: tool, tool: http_request, input: { url: '{{inputs.effects}}/{{run.id}}/item-{{item}}', method: PUT, json: {} } }
  - step_id: fork
    type: branch
    branches:
      - when: '{{steps.every.succeeded}} == 3'
        steps: [{ step_id: yes_arm, type: tool, tool: http_request, input: ${PUT('branch')} }]
    otherwise: [{ step_id: no_arm, type: tool, tool: http_request, input: ${PUT('otherwise')} }]
  - step_id: rounds
    type: loop
    until: '{{loop.iteration}} == 2'
    max_iterations: 3
    steps: [{ step_id: round, type: tool, tool: http_request, input: { url: '{{inputs.effects}}/{{run.id}}/round-{{loop.iteration}}', method: PUT, json: {} } }]
  - { step_id: pause, type: wait, for_ms: 20 }
  - { step_id: release, type: approval, message: 'Release {{run.id}}?' }
  - { step_id: nested, type: recipe, recipe: crash-sub, inputs: { effects: '{{inputs.effects}}', outer: '{{run.id}}' } }
  - { step_id: report, type: document, title: Report, template: '# Report\\n\\n{{steps.plan.text}} {{steps.nested.outputs.said}}' }
  - { step_id: last, agent: documentation, tools: [], prompt_template: 'Close run:{{run.id}}' }
outputs: { items: '{{steps.every.succeeded}}', rounds: '{{steps.rounds.iterations}}', sub: '{{steps.nested.outputs.said}}', decision: '{{steps.release.decision}}' }
`;

/** What a run of it leaves when nothing was lost. */
export const EXPECTED = {
  outputs: { items: 3, rounds: 2, sub: 'done', decision: 'approved' },
  effects: ['branch', 'item-a', 'item-b', 'item-c', 'right', 'round-1', 'round-2', 'sub'],
  modelCalls: 7,
  /** Calls that may be under way at the same time: what one kill may repeat. */
  widest: 3,
} as const;

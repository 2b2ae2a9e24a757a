import { describe, expect, it } from 'vitest';
import { shown } from './facts.fixture.ts';

const SCAN = `  - { step_id: scan, type: tool, tool: scan, input: { path: "{{inputs.path}}" } }`;
const last = (text: string) =>
  `  - { step_id: last, type: document, title: t, template: "${text}" }`;

const MAP = `  - step_id: each-file
    type: map
    items: "{{steps.scan.output.items}}"
    as: file
    steps:
      - { step_id: look, type: tool, tool: scan, input: { path: "{{file.name}}", depth: "{{each.number}}" } }
      - { step_id: note, type: document, title: "{{each.index}} of {{each.total}}", template: "{{steps.look.summary}} {{previous.summary}}" }`;
const BRANCH = `  - step_id: choice
    type: branch
    branches:
      - { name: high, when: "{{steps.scan.output.level}} == 'high'", steps: [ { step_id: deep, type: tool, tool: lint } ] }
      - when: "{{inputs.quick}}"
        steps:
          - { step_id: fast, type: tool, tool: lint }
          - { step_id: after, type: document, title: t, template: "{{steps.fast.summary}}" }
    otherwise: [ { step_id: plain, type: tool, tool: lint } ]`;
const LOOP = `  - step_id: again
    type: loop
    until: "{{steps.fix.findings_total}} == 0 and {{loop.iteration}} < {{loop.max}}"
    max_iterations: 3
    steps:
      - { step_id: draft, type: document, title: t, template: "{{loop.previous.fix.summary | default: 'nothing yet'}}" }
      - { step_id: fix, type: tool, tool: scan, input: { path: "{{steps.draft.title}}" } }`;

describe('sound nested recipes', () => {
  it.each([
    [
      'a map',
      [
        SCAN,
        MAP,
        last(
          "{{steps.each-file.items[0].look.summary}} {{steps.each-file.items | map: 'look.summary' | json}} {{steps.each-file.failed | length}} {{previous.total}}",
        ),
      ],
    ],
    [
      'a branch',
      [
        SCAN,
        BRANCH,
        last(
          "{{steps.choice.taken | default: 'none'}} {{steps.deep.summary | default: '-'}} {{steps.choice.plain.summary | default: '-'}}",
        ),
      ],
    ],
    [
      'a loop',
      [
        SCAN,
        LOOP,
        last(
          '{{steps.again.iterations}} {{steps.again.met}} {{steps.fix.summary}} {{steps.again.fix.output.files}}',
        ),
      ],
    ],
    [
      'for_each',
      [
        SCAN,
        `  - { step_id: all, type: tool, tool: scan, for_each: "{{steps.scan.output.items | slice: 0, 3}}", input: { path: "{{item.name}}" } }`,
        last('{{steps.all.items[0].output.files}} {{steps.all.succeeded}}'),
      ],
    ],
    [
      'a sub-recipe, an approval and a wait',
      [
        `  - { step_id: sub, type: recipe, recipe: audit, inputs: { path: "{{inputs.path}}" } }`,
        `  - { step_id: ask, type: approval, message: "{{steps.sub.outputs.report}}", fields: { type: object, properties: { note: { type: string } } } }`,
        `  - { step_id: rest, type: wait, until: "{{steps.ask.decided_at}}" }`,
        last(
          '{{steps.sub.run_id}} {{steps.ask.decision}} {{steps.ask.values.note}} {{steps.rest.waited_ms}} {ask} {sub.score}',
        ),
      ],
    ],
    [
      'a condition on a later step',
      [
        SCAN,
        `  - { step_id: maybe, type: tool, tool: lint, when: "{{steps.scan.output.files}} > 3 and 'a' in {{inputs.list}}" }`,
        last("{{steps.maybe.summary | default: 'left out'}}"),
      ],
    ],
    ['a graph without depends_on', [SCAN, last('{{run.id}}'), 'execution: { mode: parallel }']],
    [
      'containers four deep',
      [
        `  - { step_id: a, type: parallel, steps: [ { step_id: b, type: branch, branches: [ { when: "true", steps: [ { step_id: c, type: loop, until: "true", max_iterations: 1, steps: [ { step_id: d, type: map, items: "{{inputs.list}}", steps: [ { step_id: e, type: tool, tool: scan, input: { path: "{{item}}" } } ] } ] } ] } ] } ] }`,
      ],
    ],
  ])('%s', (_name, lines) => expect(shown(`steps:\n${lines.join('\n')}\n`)).toEqual([]));
});

describe('what is not there where it is read', () => {
  it.each([
    [
      'a step of a map from outside',
      [SCAN, MAP, last('{{steps.look.summary}}')],
      `10:59 "look" runs once per item of "each-file"; read {{steps.each-file.items[0].look}} or {{steps.each-file.items | map: 'look'}}`,
    ],
    [
      'a step of an arm',
      [SCAN, BRANCH, last('{{steps.deep.summary}}')],
      '"deep" may leave no result, because its arm of "choice" need not be taken; add "| default: …"',
    ],
    [
      'another arm',
      [SCAN, BRANCH.replace('{{steps.fast.summary}}', '{{steps.deep.summary}}')],
      '"deep" stands in another arm of "choice"; only one arm runs',
    ],
    [
      'inside of this step',
      [SCAN, BRANCH.replace('{{inputs.quick}}', '{{steps.fast.findings_total}} > 0')],
      '"fast" runs inside this step, so its result is not there yet',
    ],
    [
      'the container itself',
      [SCAN, MAP.replace('{{previous.summary}}', '{{steps.each-file.total}}')],
      '"each-file" is the map around this step, so its result is not there yet',
    ],
    [
      'the round itself',
      [
        SCAN,
        LOOP.replace(
          "{{loop.previous.fix.summary | default: 'nothing yet'}}",
          '{{steps.fix.summary}}',
        ),
      ],
      '"fix" runs after this step starts, so its result is not there yet; read the last round by {{loop.previous}}',
    ],
    [
      'the first round',
      [SCAN, LOOP.replace(" | default: 'nothing yet'", '')],
      '{{loop.previous.fix.summary}} is missing in the first round; add "| default: …"',
    ],
    [
      'a field of the last round',
      [SCAN, LOOP.replace('loop.previous.fix.summary', 'loop.previous.fxi.summary')],
      '"loop".previous has no field "fxi"; did you mean "fix"?',
    ],
    [
      'the item outside',
      [SCAN, last('{{item.name}}')],
      '{{item.name}} is only there inside of a map or for_each',
    ],
    [
      'a loop outside',
      [SCAN, last('{{loop.iteration}}')],
      '{{loop.iteration}} is only there inside of a loop',
    ],
    [
      'a field of the item',
      [SCAN, MAP.replace('{{file.name}}', '{{file.nmae}}')],
      '"file" has no field "nmae"; did you mean "name"?',
    ],
    [
      'a slip in the name of the item',
      [SCAN, MAP.replace('{{file.name}}', '{{fle.name}}')],
      '{{fle.name}}; it starts with inputs, steps, previous, run, file or each; did you mean "file"?',
    ],
    [
      'the item in single braces',
      [SCAN, MAP.replace('{{file.name}}', '{file.name}')],
      '{file.name} is plain text; write {{file.name}} for the value',
    ],
    [
      'a type of the item',
      [SCAN, MAP.replace('{{each.number}}', '{{file.name}}')],
      'takes number, but the reference gives string',
    ],
    [
      'a list that is none',
      [SCAN, MAP.replace('scan.output.items', 'scan.output.files')],
      'must be a list, but the reference gives number',
    ],
    [
      'a list that is a text',
      [SCAN, MAP.replace('{{steps.scan.output.items}}', 'a {{steps.scan.output.items}}')],
      'must be one reference to a list',
    ],
    [
      'an item in the list itself',
      [SCAN, MAP.replace('{{steps.scan.output.items}}', '{{file}}')],
      '{{file}}',
    ],
    [
      'a step with a condition',
      [
        SCAN,
        `  - { step_id: m, type: tool, tool: lint, when: "{{inputs.quick}}" }`,
        last('{{steps.m.summary}}'),
      ],
      '"m" may leave no result, because "m" has a condition',
    ],
    [
      'a step in a container with a condition',
      [
        `  - { step_id: g, type: parallel, when: "{{inputs.quick}}", steps: [ { step_id: m, type: tool, tool: lint } ] }`,
        last('{{steps.m.summary}}'),
      ],
      '"m" may leave no result, because "g" has a condition',
    ],
    [
      'also for what depends on it',
      [
        `  - { step_id: m, type: tool, tool: lint, when: "{{inputs.quick}}" }`,
        last('{{steps.m.summary}}').replace(' }', ', depends_on: [m] }'),
      ],
      '"m" has a condition',
    ],
    [
      'a field of a repeated step',
      [
        SCAN,
        `  - { step_id: all, type: tool, tool: scan, for_each: "{{inputs.list}}", input: { path: "{{item}}" } }`,
        last('{{steps.all.summary}}'),
      ],
      'is a list, because the step has for_each: read {{steps.all.items[0].summary}}',
    ],
    [
      'an output of a sub-recipe',
      [
        `  - { step_id: sub, type: recipe, recipe: audit, inputs: { path: x } }`,
        last('{{steps.sub.outputs.reprt}}'),
      ],
      'has no field "reprt"; did you mean "report"?',
    ],
  ])('%s', (_name, lines, wanted) =>
    expect(shown(`steps:\n${lines.join('\n')}\n`).join('\n')).toContain(wanted),
  );
});

describe('conditions', () => {
  const when = (condition: string) =>
    shown(
      `steps:\n${SCAN}\n  - step_id: own\n    type: tool\n    tool: lint\n    when: ${condition}\n`,
    );
  it.each([
    [
      '{{inputs.depth}}',
      '{{inputs.depth}} is number, not true or false; compare it, e.g. {{inputs.depth}} > 0',
    ],
    ['{{inputs.list}} and true', 'e.g. {{inputs.list | length}} > 0'],
    ['not {{inputs.path}}', '{{inputs.path}} is string, not true or false'],
    [
      "{{inputs.depth}} == 'x'",
      "{{inputs.depth}} is number and 'x' is string, so they are never equal",
    ],
    ["{{inputs.depth}} < 'x'", 'compare two of one kind'],
    ['{{inputs.list}} > 1', '{{inputs.list}} is array; only numbers and texts have an order'],
    ["'x' in {{inputs.depth}}", '{{inputs.depth}} is number; only lists and texts hold something'],
    ['1 in {{inputs.path}}', '{{inputs.path}} is a text, so it holds texts, not number'],
    [
      "{{steps.scan.output.level}} == 'hihg'",
      '{{steps.scan.output.level}} is never "hihg"; it is "low", "high"; did you mean "high"?',
    ],
    ["{{steps.scan.output.level}} in ['low', 'hgih']", 'is never "hgih"'],
    ['{{steps.scna.output}} == 1', 'no step has the output key "scna"; did you mean "scan"?'],
    ['{{inputs.pth}} == 1', 'inputs has no field "pth"; did you mean "path"?'],
    ["{{inputs.note}} == 'x'", 'the input "note" may be missing'],
    ["{{inputs.path | uper}} == 'x'", 'there is no filter "uper"; did you mean "upper"?'],
    ["{{steps.own.summary}} == 'x'", '"own" is this step itself'],
    ['{scna} == 1', '{scna} names no step; write a text in quotes'],
    ['{{inputs.quick}} &&', 'operators are'],
  ])('%s', (condition, wanted) => {
    const problems = when(
      condition.startsWith("'") || condition.startsWith('{')
        ? JSON.stringify(condition)
        : condition,
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(wanted);
    expect(problems[0]).toMatch(/^6:\d+ /);
  });

  it.each([
    '{{inputs.quick}}',
    "{{inputs.note | default: ''}} != ''",
    '{{steps.scan.output.files | default: 0}} > 0',
    "{{steps.scan.output.level}} in ['low', 'high']",
    '{{steps.scan.output}} != null',
    "{{steps.scan.findings | where: 'severity', 'critical' | length}} > 0",
    '{{steps.scan.output.items | first}} == null',
  ])('%s is sound', (condition) => expect(when(JSON.stringify(condition))).toEqual([]));

  it('points at the column of what is wrong', () => {
    expect(when('"{{inputs.quick}} and {{inputs.pth}}"')[0]).toMatch(/^6:41 /);
  });
});

describe('rules', () => {
  const step = (fields: string) => shown(`steps:\n${SCAN}\n  - { step_id: own, ${fields} }\n`);
  const INNER = 'steps: [ { step_id: in, type: tool, tool: lint } ]';
  it.each([
    ['type: wait', 'a wait step needs exactly one of for_ms, until and event'],
    [
      'type: wait, for_ms: 1, event: x',
      '"for_ms"; a wait step has exactly one of for_ms, until and event',
    ],
    ['type: wait, for_ms: 1, timeout_ms: 5', '"timeout_ms" is only used with event'],
    ['type: wait, event: x, on_timeout: fail', '"on_timeout" needs timeout_ms'],
    ['type: wait, until: tomorrow', 'must be an RFC 3339 time'],
    [
      'type: approval, message: m, fields: { type: string }',
      'the schema of the fields must be of type object',
    ],
    [
      'type: approval, message: m, fields: { type: object, properties: { a: { type: strin } } }',
      'is no usable JSON schema',
    ],
    ['type: approval, message: m, approval: { message: x }', 'an approval step asks by itself'],
    ['type: tool, tool: lint, fallback: 1', 'a fallback is only used with on_error: continue_with'],
    ['type: tool, tool: lint, for_each: 3', 'must be a text or an object, not a number'],
    [
      'type: tool, tool: lint, for_each: { itms: "{{inputs.list}}" }',
      'unknown field "itms"; did you mean "items"?',
    ],
    [
      `type: map, items: "{{inputs.list}}", as: loop, ${INNER}`,
      '"loop" is reserved for references',
    ],
    [
      `type: map, items: "{{inputs.list}}", min_succeeded_ratio: 0.5, ${INNER}`,
      'is only used with on_item_error: skip',
    ],
    [
      'type: map, items: "{{inputs.list}}", steps: [ { step_id: in, type: tool, tool: scan, for_each: "{{inputs.list}}", input: { path: "{{item}}" } } ]',
      '"item" is the item of "own" around it already; name this one by "as"',
    ],
    [
      `type: branch, branches: [ { name: a, when: "true", ${INNER} }, { name: a, when: "true", steps: [ { step_id: in2, type: tool, tool: lint } ] } ]`,
      'the arm "a" is there twice',
    ],
    [
      `type: branch, branches: [ { name: otherwise, when: "true", ${INNER} } ]`,
      'is the arm that is taken when no condition is true',
    ],
    [
      'type: loop, until: "true", max_iterations: 2, steps: [ { step_id: met, type: tool, tool: lint } ]',
      '"met" is a field of the result of "own" itself',
    ],
    [
      'type: loop, until: "true", max_iterations: 2, steps: [ { step_id: in, type: tool, tool: lint, depends_on: [scan] } ]',
      'the steps of "own" run one after the other; put depends_on on "own"',
    ],
    [
      'type: loop, until: "true", steps: [ { step_id: in, type: tool, tool: lint } ]',
      'is required',
    ],
    ['type: parallel, steps: []', 'must hold at least 1 item'],
    [
      'type: parallel, steps: [ { step_id: a, type: parallel, steps: [ { step_id: b, type: parallel, steps: [ { step_id: c, type: parallel, steps: [ { step_id: d, type: parallel, steps: [ { step_id: e, type: tool, tool: lint } ] } ] } ] } ] } ]',
      'containers stand at most 4 deep inside each other',
    ],
    [
      'type: recipe, recipe: audti, inputs: { path: x }',
      'there is no recipe "audti"; did you mean "audit"?',
    ],
    [
      'type: recipe, recipe: audit, version: 9, inputs: { path: x }',
      'the recipe "audit" has no version 9; the current one is 3',
    ],
    ['type: recipe, recipe: audit', 'is required'],
    [
      'type: recipe, recipe: audit, inputs: { path: "{{inputs.depth}}" }',
      'takes string, but the reference gives number',
    ],
    [
      'type: recipe, recipe: audit, inputs: { path: x, pth: y }',
      'unknown field "pth"; did you mean "path"?',
    ],
    ['type: recipe, recipe: test', 'a recipe cannot run itself'],
    ['type: recipe, recipe: circle', 'recipes cannot run in a circle: test → circle → … → test'],
  ])('%s', (fields, wanted) => expect(step(fields).join('\n')).toContain(wanted));

  it.each([
    ['version: 3', '"version" is set by saving; leave it out'],
    [
      'execution: { mode: sequential }',
      'execution.mode "sequential" runs the steps as they are written',
    ],
    ['schedule: { cron: never, inputs: { path: x } }', 'names a date that never comes'],
    [
      'schedule: { cron: "* * * * *", every_ms: 5000 }',
      'stands beside "cron"; a schedule has exactly one of cron, every_ms and at',
    ],
    ['schedule: { timezone: UTC }', 'needs exactly one of cron, every_ms and at'],
    ['schedule: 5', 'must be an object or a list, not a number'],
    ['schedule: [ { every_ms: 5000, inputs: { path: 7 } } ]', 'must be string'],
    ['schedule: [ { every_ms: 5000 } ]', 'is required'],
    [
      'schedule: [ { every_ms: 5000, timezone: UTC, inputs: { path: x } } ]',
      'unknown field "timezone"',
    ],
    [
      'schedule: [ { every_ms: 5000, name: a, inputs: { path: x } }, { every_ms: 6000, name: a, inputs: { path: x } } ]',
      'the name "a" is used twice',
    ],
    ['triggers: [ { type: webhok, name: a } ]', 'must be one of webhook, run_event'],
    [
      'triggers: [ { type: webhook, name: a, inputs: { path: "{{boby.path}}" } } ]',
      'unknown reference {{boby…}}; did you mean "body"?',
    ],
    [
      'triggers: [ { type: webhook, name: a, inputs: { path: "{{event.x}}" } } ]',
      'references start with body, headers here',
    ],
    ['triggers: [ { type: webhook, name: a, inputs: { pth: "{{body.x}}" } } ]', 'is required'],
    [
      'triggers: [ { type: webhook, name: a, signature_header: x, inputs: { path: x } } ]',
      '"signature_header" is only used with signature: hmac_sha256',
    ],
    [
      'triggers: [ { type: webhook, name: a, signature: github, delivery_header: x, inputs: { path: x } } ]',
      'deliveries of "github" name themselves',
    ],
    [
      'triggers: [ { type: run_event, name: a, on: [run.failed], recipe: audti, inputs: { path: x } } ]',
      'there is no recipe "audti"; did you mean "audit"?',
    ],
    [
      'triggers: [ { type: run_event, name: a, on: [run.failed], recipe: test, inputs: { path: x } } ]',
      'the recipe would start itself again and again',
    ],
    [
      'triggers: [ { type: run_event, name: a, on: [run.failed], when: "{{event.x}} ==", inputs: { path: x } } ]',
      'expected a reference',
    ],
  ])('%s', (line, wanted) => {
    const problems = shown(
      `${line}\nsteps:\n${SCAN}\n  - { step_id: b, type: tool, tool: lint, depends_on: [scan] }\n`,
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(wanted);
  });
});

import { describe, expect, it } from 'vitest';
import { problemsOfJson, shown } from './facts.fixture.ts';

const SCAN = `  - { step_id: scan, type: tool, tool: scan, input: { path: "{{inputs.path}}" } }`;

describe('a sound recipe', () => {
  it('has no problems, in every form of reference', () => {
    expect(
      shown(`steps:
${SCAN}
  - step_id: look
    agent: security
    output_schema: { type: object, properties: { verdict: { type: string } } }
    prompt_template: |
      {{inputs.path}} {input.path} {{inputs.note | default: ''}} {{steps.scan.output.items[0].name}}
      {{previous.summary}} {previous_output} {step_1_output} {scan} {{run.id}} {"json": {"a": 1}} \\{{x}} {other}
  - { step_id: doc, type: document, title: "{{steps.look.object.verdict}}", template: "{{steps.look.tools.scan.output.files}} {look.verdict}" }
outputs: { all: "{{run.findings | findings_table}}" }
`),
    ).toEqual([]);
  });
});

describe('references', () => {
  const step = (text: string) => `steps:
${SCAN}
  - step_id: look
    agent: security
    prompt_template: |
      Look at
      ${text}
  - { step_id: last, type: tool, tool: lint }
`;
  it.each([
    ['x {{steps.scna.summary}}', '7:9 no step has the output key "scna"; did you mean "scan"?'],
    ['{{inputs.pth}}', '7:15 inputs has no field "pth"; did you mean "path"?'],
    ['{input.pth}', '7:13 inputs has no field "pth"; did you mean "path"?'],
    [
      '{{inputs.note}}',
      '7:7 the input "note" may be missing: require it, give it a default, or add "| default: …"',
    ],
    [
      '{{steps.scan.output.fils}}',
      '7:26 the result of "scan".output has no field "fils"; did you mean "files"?',
    ],
    [
      '{{steps.scan.output.items[0].nmae}}',
      '7:35 the result of "scan".output.items[0] has no field "nmae"; did you mean "name"?',
    ],
    [
      '{{steps.scan.output.files.x}}',
      '7:32 the result of "scan".output.files is integer, so it has no field "x"',
    ],
    [
      '{{steps.scan.summary[0]}}',
      '7:27 the result of "scan".summary is string, so it has no items',
    ],
    [
      '{{steps.last.summary}}',
      '7:7 "last" runs after this step starts, so its result is not there yet',
    ],
    ['{{steps.look.text}}', '7:7 "look" is this step itself'],
    ['{{scan.summary}}', '7:7 unknown reference {{scan.summary}}; did you mean "steps.scan"?'],
    [
      '{{input_path}}',
      '7:7 unknown reference {{input_path}}; it starts with inputs, steps, previous or run',
    ],
    ['{{inputs.path | uper}}', '7:23 there is no filter "uper"; did you mean "upper"?'],
    ['{{inputs.depth | upper}}', '7:24 the filter "upper" takes string, not number'],
    ["{{inputs.path | truncate: 'x'}}", '7:23 the filter "truncate" takes a number as argument'],
    ["{{inputs.path | choose: 'a'}}", '7:23 the filter "choose" takes 2 arguments, not 1'],
    ['{{inputs.path', '7:20 expected "}}", "." or "|", found the end; write \\{{ for plain braces'],
    ['{step_7_output}', '7:7 there is no step 7; the recipe has 3'],
    ['{scna}', '7:7 {scna} names no step; write \\{scna} for plain text; did you mean "{scan}"?'],
    ['{{steps}}', '7:7 {{steps}} needs the output key of a step, e.g. {{steps.scan.summary}}'],
    ['{{run.nope}}', '7:12 run has no field "nope"; it has id, started_at, findings'],
  ])('%s', (text, wanted) => expect(shown(step(text))[0]).toContain(wanted));

  it('previous needs a step before', () => {
    expect(
      shown(`steps: [{ step_id: a, type: tool, tool: scan, input: { path: "{{previous}}" } }]`)[0],
    ).toContain('needs exactly one step before this one');
  });

  it('object needs an output_schema', () => {
    const problems = shown(`steps:
  - { step_id: a, agent: security, prompt_template: hi }
  - { step_id: b, type: document, title: t, template: "{{steps.a.object.x}}" }
`);
    expect(problems).toEqual([
      '3:72 the result of "a".object has no object, because it has no output_schema',
    ]);
  });

  it('a step beside, or not named in depends_on, is not there yet', () => {
    expect(
      shown(`steps:
  - step_id: g
    type: parallel
    steps:
      - { step_id: a, type: tool, tool: lint }
      - { step_id: b, type: tool, tool: scan, input: { path: "{{steps.a.summary}}" } }
`)[0],
    ).toContain('"a" runs beside this step');
    expect(
      shown(`steps:
  - { step_id: a, type: tool, tool: lint }
  - { step_id: c, type: tool, tool: lint, depends_on: [a] }
  - { step_id: b, type: tool, tool: scan, input: { path: "{{steps.a.summary}}" } }
`)[0],
    ).toContain('"a" need not have ended before this step; add "a" to depends_on');
  });

  it('what may be skipped needs a default, also in the outputs', () => {
    const recipe = (text: string) => `steps:
  - { step_id: a, type: tool, tool: lint, on_error: skip }
  - { step_id: b, type: document, title: t, template: "${text}" }
outputs: { a: "${text}" }
`;
    expect(shown(recipe('{{steps.a.summary}}'))).toHaveLength(2);
    expect(shown(recipe('{{steps.a.summary}}'))[0]).toContain('"a" may leave no result');
    expect(shown(recipe("{{steps.a.summary | default: 'none'}}"))).toEqual([]);
  });

  it('a fallback must have what is read from it', () => {
    expect(
      shown(`steps:
  - { step_id: a, type: tool, tool: lint, on_error: continue_with, fallback: { output: 1 } }
  - { step_id: b, type: document, title: t, template: "{{steps.a.summary}}" }
`)[0],
    ).toContain('the fallback of "a" has no "summary"');
  });

  it('JSON sources get the place inside the text', () => {
    const problems = problemsOfJson({
      slug: 't',
      name: 'T',
      steps: [{ step_id: 'd', type: 'document', title: 't', template: 'one\ntwo {{steps.x.y}}' }],
    });
    expect(problems).toEqual([
      {
        pointer: '/steps/0/template',
        message: 'no step has the output key "x" (line 2, column 5 of the text)',
      },
    ]);
  });
});

describe('structure', () => {
  it.each([
    ['two steps with one id', `steps:\n${SCAN}\n${SCAN}`, 'the step_id "scan" is used twice'],
    [
      'two steps with one output key',
      `steps:\n${SCAN}\n  - { step_id: b, output_key: scan, type: tool, tool: lint }`,
      'the output key "scan" is used twice',
    ],
    [
      'a reserved name',
      'steps: [{ step_id: previous, type: tool, tool: lint }]',
      '"previous" is reserved',
    ],
    [
      'an unknown dependency',
      'steps: [{ step_id: abc, type: tool, tool: lint }, { step_id: b, type: tool, tool: lint, depends_on: [abd] }]',
      'there is no step "abd"; did you mean "abc"?',
    ],
    [
      'a cycle',
      'steps: [{ step_id: a, type: tool, tool: lint, depends_on: [c] }, { step_id: b, type: tool, tool: lint, depends_on: [a] }, { step_id: c, type: tool, tool: lint, depends_on: [b] }]',
      'the steps wait for each other: a → c → b → a',
    ],
    [
      'continue_with without fallback',
      'steps: [{ step_id: a, type: tool, tool: lint, on_error: continue_with }]',
      'continue_with needs a fallback',
    ],
    [
      'a fallback that nobody uses',
      'steps: [{ step_id: a, type: tool, tool: lint, fallback: 1 }]',
      'a fallback is only used with on_error: continue_with',
    ],
    [
      'retry of a group',
      'steps: [{ step_id: g, type: parallel, retry: { max_attempts: 2 }, steps: [{ step_id: a, type: tool, tool: lint }] }]',
      'a parallel step has no "retry"; put it on the steps inside',
    ],
    [
      'depends_on inside a group',
      'steps: [{ step_id: g, type: parallel, steps: [{ step_id: a, type: tool, tool: lint, depends_on: [] }] }]',
      'put depends_on on "g"',
    ],
    [
      'a dependency on a step of a group',
      'steps: [{ step_id: g, type: parallel, steps: [{ step_id: a, type: tool, tool: lint }] }, { step_id: b, type: tool, tool: lint, depends_on: [a] }]',
      '"a" stands inside of "g"; depend on that',
    ],
    [
      'code of a language that is not there',
      'steps: [{ step_id: a, type: code, language: ruby, source: "1" }]',
      'must be one of javascript, python',
    ],
    ['no steps', 'steps: []', 'must hold at least 1 item'],
  ])('%s', (_name, yaml, wanted) => expect(shown(yaml).join('\n')).toContain(wanted));
});

describe('workspace', () => {
  it.each([
    [
      'unknown agent',
      'steps: [{ step_id: a, agent: securty, prompt_template: hi }]',
      'there is no agent "securty"; did you mean "security"?',
    ],
    [
      'agent out of work',
      'steps: [{ step_id: a, agent: resting, prompt_template: hi }]',
      'the agent "resting" is paused and takes no work',
    ],
    [
      'unknown tool',
      'steps: [{ step_id: a, type: tool, tool: scann }]',
      'there is no tool "scann"; did you mean "scan"?',
    ],
    [
      'tool the agent may not use',
      'steps: [{ step_id: a, agent: security, prompt_template: hi, tools: [lint] }]',
      'the agent "security" may not use the tool "lint"',
    ],
    ['missing argument', 'steps: [{ step_id: a, type: tool, tool: scan }]', 'is required'],
    [
      'unknown argument',
      'steps: [{ step_id: a, type: tool, tool: scan, input: { pth: x, path: y } }]',
      'unknown field "pth"; did you mean "path"?',
    ],
    [
      'wrong literal',
      'steps: [{ step_id: a, type: tool, tool: scan, input: { path: x, depth: 10 } }]',
      'must be <= 9',
    ],
    [
      'reference of the wrong type',
      'steps: [{ step_id: a, type: tool, tool: scan, input: { path: "{{inputs.depth}}" } }]',
      'takes string, but the reference gives number',
    ],
    [
      'text for a number',
      'steps: [{ step_id: a, type: tool, tool: scan, input: { path: x, depth: "{{inputs.depth}} m" } }]',
      'takes number, but the reference gives string',
    ],
    [
      'unusable schema',
      'steps: [{ step_id: a, agent: security, prompt_template: hi, output_schema: { type: objekt } }]',
      'is no usable JSON schema',
    ],
  ])('%s', (_name, yaml, wanted) => expect(shown(yaml).join('\n')).toContain(wanted));

  it("a tool that an agent's narrowed list leaves out has no record", () => {
    expect(
      shown(`steps:
  - { step_id: a, agent: security, prompt_template: hi, tools: [] }
  - { step_id: b, type: document, title: t, template: "{{steps.a.tools.scan.summary}}" }
`)[0],
    ).toContain('the result of "a".tools has no field "scan"');
  });
});

describe('all problems at once', () => {
  it('in the order of the text', () => {
    const problems = shown(`colour: red
steps:
  - { step_id: a, agent: nobody, prompt_template: "{{inputs.x}}", tols: [] }
  - { step_id: a, type: tool, tool: nothing }
  - { type: looop, step_id: l }
outputs: { x: "{{steps.q}}" }
`);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([
      '1',
      '3',
      '3',
      '3',
      '4',
      '4',
      '5',
      '6',
    ]);
  });
});

describe('schemas of inputs', () => {
  const read = (inputs: object) =>
    problemsOfJson({
      slug: 't',
      name: 'T',
      inputs,
      steps: [{ step_id: 'a', type: 'tool', tool: 'lint' }],
    });
  it.each([
    ['not an object', { type: 'string' }, 'must be of type object'],
    [
      'unknown type',
      { type: 'object', properties: { a: { type: 'strin' } } },
      'is no usable JSON schema',
    ],
    [
      'remote reference',
      { type: 'object', properties: { a: { $ref: 'https://example.org/x.json' } } },
      'is no usable JSON schema',
    ],
    [
      'bad pattern',
      { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
      'is no usable JSON schema',
    ],
    [
      'default that does not fit',
      { type: 'object', properties: { a: { type: 'integer', default: 'x' } } },
      'the default must be integer',
    ],
  ])('%s', (_name, inputs, wanted) =>
    expect(
      read(inputs)
        .map(({ message }) => message)
        .join(),
    ).toContain(wanted),
  );
});

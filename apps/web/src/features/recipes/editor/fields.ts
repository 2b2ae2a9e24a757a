import type { Path } from './document/json-edit.ts';

/** What the forms of the editor ask, as data: each field is one place of the document. Pure. */

export type FieldKind =
  | 'text'
  | 'long'
  | 'template'
  | 'number'
  | 'duration'
  | 'ratio'
  | 'money'
  | 'choice'
  | 'words'
  | 'json'
  | 'switch'
  | 'agent'
  | 'tool'
  | 'recipe'
  | 'steps';

export interface FormField {
  /** Place below the object that the form is about. */
  path: Path;
  label: string;
  kind: FieldKind;
  help?: string;
  /** What stands for a field that is left out. */
  placeholder?: string;
  choices?: readonly (readonly [value: string, label: string])[];
  /** The key may not be left out: an emptied field keeps an empty text. */
  needed?: boolean;
  /** Names the value of a switch when the key is left out. */
  initially?: boolean;
}

const REFERENCES = 'References like {{inputs.path}} or {{steps.scan.text}} are filled in.';
const CONDITION = 'For example {{steps.scan.findings_total}} > 0 and not {{inputs.quick}}';

/** `where` is the path with dots between. */
const field = (
  where: string,
  label: string,
  rest: Omit<FormField, 'path' | 'label'>,
): FormField => ({ path: where.split('.'), label, ...rest });

const WHEN = field('when', 'Only when', { kind: 'text', help: `Skipped otherwise. ${CONDITION}` });
const TIMEOUT = field('timeout_ms', 'Time limit', { kind: 'duration' });
const OUTPUT_SCHEMA = field('output_schema', 'Schema of the result (JSON)', {
  kind: 'json',
  help: 'The result must match it, and later steps may reach into it.',
});
const FOR_EACH = field('for_each', 'Repeat for each of', {
  kind: 'text',
  help: 'A reference to a list; the item is {{item}}.',
  placeholder: '{{steps.plan.object.files}}',
});
const QUALITY = field('quality_threshold', 'Least quality', {
  kind: 'ratio',
  help: '0 to 1. Below it the step is repaired, then fails.',
});
const INPUTS = (name: string, label: string) =>
  field(name, label, { kind: 'json', help: REFERENCES, placeholder: '{}' });
const RETRY = [
  field('retry.max_attempts', 'Attempts', {
    kind: 'number',
    placeholder: '1',
    help: 'The first one included.',
  }),
  field('retry.delay_ms', 'Wait before the next attempt', {
    kind: 'duration',
    placeholder: '1000',
  }),
];
export const BUDGET: readonly FormField[] = [
  field('budget.max_cost_micros', 'Most it may cost', { kind: 'money' }),
  field('budget.max_tokens', 'Tokens at most', { kind: 'number' }),
  field('budget.max_model_calls', 'Model calls at most', { kind: 'number' }),
  field('budget.max_tool_calls', 'Tool calls at most', { kind: 'number' }),
];
const COMMON = [
  field('output_key', 'Name of the result', {
    kind: 'text',
    help: 'Later steps reach it by this name; default the id of the step.',
  }),
  field('depends_on', 'Waits for', {
    kind: 'steps',
    help: 'As soon as one step of the recipe names another here, the recipe is a graph.',
  }),
  WHEN,
  field('on_error', 'When it fails', {
    kind: 'choice',
    choices: [
      ['', 'Stop the run (default)'],
      ['skip', 'Go on with what does not depend on it'],
      ['continue_with', 'Go on with the fallback'],
    ],
  }),
  field('fallback', 'Fallback (JSON)', {
    kind: 'json',
    help: 'The result in place of a failed one.',
  }),
  field('approval.message', 'Ask before it starts', {
    kind: 'text',
    help: 'When this is filled, a person must approve first.',
  }),
];
const LIMITS = [TIMEOUT, ...RETRY];
const APPROVAL = [
  field('message', 'What is asked', { kind: 'template', needed: true, help: REFERENCES }),
  field('title', 'Title', { kind: 'text' }),
];
const APPROVAL_MORE = [
  field('approvers.roles', 'Roles that may decide', { kind: 'words', placeholder: 'owner, admin' }),
  field('approvers.users', 'People that may decide', { kind: 'words', help: 'E-mail addresses.' }),
  field('timeout_ms', 'Wait for an answer', { kind: 'duration', placeholder: '86400000' }),
  field('on_timeout', 'Without an answer', {
    kind: 'choice',
    choices: [
      ['', 'The step fails (default)'],
      ['reject', 'Counts as rejected'],
      ['approve', 'Counts as approved'],
    ],
  }),
  field('on_reject', 'When rejected', {
    kind: 'choice',
    choices: [
      ['', 'The step fails (default)'],
      ['continue', 'Goes on; the decision is the result'],
    ],
  }),
  field('fields', 'Values to give (JSON schema)', { kind: 'json' }),
];
const MAP_MORE = [
  field('as', 'Name of the item', { kind: 'text', placeholder: 'item' }),
  field('concurrency', 'Items at once', { kind: 'number' }),
  field('on_item_error', 'When an item fails', {
    kind: 'choice',
    choices: [
      ['', 'The step fails (default)'],
      ['skip', 'Leave it out and list it'],
    ],
  }),
  field('min_succeeded_ratio', 'Share that must succeed', { kind: 'ratio', placeholder: '0' }),
  field('max_items', 'Items at most', { kind: 'number', placeholder: '1000' }),
];

export interface StepForm {
  main: readonly FormField[];
  more: readonly FormField[];
}

const FORMS: Record<string, StepForm> = {
  agent: {
    main: [
      field('agent', 'Agent', { kind: 'agent', needed: true }),
      field('prompt_template', 'Prompt', { kind: 'template', needed: true, help: REFERENCES }),
    ],
    more: [
      INPUTS('inputs', 'Values beside the prompt (JSON)'),
      field('tools', 'Only these tools', {
        kind: 'words',
        help: 'Names with commas between; default all of the agent.',
      }),
      OUTPUT_SCHEMA,
      QUALITY,
      FOR_EACH,
      ...COMMON,
      ...LIMITS,
      ...BUDGET,
    ],
  },
  tool: {
    main: [field('tool', 'Tool', { kind: 'tool', needed: true }), INPUTS('input', 'Inputs (JSON)')],
    more: [OUTPUT_SCHEMA, FOR_EACH, ...COMMON, ...LIMITS, ...BUDGET],
  },
  document: {
    main: [
      field('title', 'Title', { kind: 'text', needed: true, help: REFERENCES }),
      field('format', 'Format', {
        kind: 'choice',
        choices: [
          ['', 'Markdown (default)'],
          ['html', 'HTML'],
          ['pdf', 'PDF'],
          ['docx', 'Word (DOCX)'],
        ],
      }),
      field('template', 'Template', {
        kind: 'template',
        needed: true,
        help: `Markdown. ${REFERENCES}`,
      }),
    ],
    more: [QUALITY, FOR_EACH, ...COMMON, ...LIMITS],
  },
  recipe: {
    main: [
      field('recipe', 'Recipe', { kind: 'recipe', needed: true }),
      field('version', 'Version', { kind: 'number', placeholder: 'the current one' }),
      INPUTS('inputs', 'Inputs (JSON)'),
    ],
    more: [OUTPUT_SCHEMA, FOR_EACH, ...COMMON, ...LIMITS, ...BUDGET],
  },
  approval: {
    main: APPROVAL,
    more: [...APPROVAL_MORE, ...COMMON.filter(({ path }) => path[0] !== 'approval')],
  },
  wait: {
    main: [
      field('for_ms', 'For', { kind: 'duration', help: 'Fill exactly one of these three.' }),
      field('until', 'Until', { kind: 'text', placeholder: '2027-01-31T08:00:00Z' }),
      field('event', 'For the signal', {
        kind: 'text',
        help: 'Sent to the run by the API or another run.',
      }),
    ],
    more: [
      field('timeout_ms', 'Give up after', { kind: 'duration', help: 'Of a wait for a signal.' }),
      field('on_timeout', 'Then', {
        kind: 'choice',
        choices: [
          ['', 'The step fails (default)'],
          ['continue', 'Go on'],
        ],
      }),
      FOR_EACH,
      ...COMMON,
    ],
  },
  code: {
    main: [
      field('language', 'Language', {
        kind: 'choice',
        needed: true,
        choices: [
          ['javascript', 'JavaScript'],
          ['python', 'Python'],
        ],
      }),
      field('source', 'Program', {
        kind: 'long',
        needed: true,
        help: 'Defines main(input), which returns JSON. References belong into the input: the program is taken as it is.',
      }),
      INPUTS('input', 'Input (JSON)'),
    ],
    more: [OUTPUT_SCHEMA, FOR_EACH, ...COMMON, ...LIMITS],
  },
  parallel: { main: [], more: [...COMMON, TIMEOUT, ...BUDGET] },
  map: {
    main: [
      field('items', 'List', {
        kind: 'text',
        needed: true,
        help: 'A reference to a list.',
        placeholder: '{{steps.plan.object.files}}',
      }),
    ],
    more: [...MAP_MORE, ...COMMON, TIMEOUT, ...BUDGET],
  },
  branch: { main: [], more: [...COMMON, TIMEOUT, ...BUDGET] },
  loop: {
    main: [
      field('until', 'Until', {
        kind: 'text',
        needed: true,
        help: `Checked after each round. ${CONDITION}`,
      }),
      field('max_iterations', 'Rounds at most', { kind: 'number' }),
    ],
    more: [
      field('on_limit', 'When the bound comes first', {
        kind: 'choice',
        choices: [
          ['', 'The step fails (default)'],
          ['continue', 'Go on with the last round'],
        ],
      }),
      field('delay_ms', 'Wait between rounds', { kind: 'duration', placeholder: '0' }),
      ...COMMON,
      TIMEOUT,
      ...BUDGET,
    ],
  },
};

export function stepForm(type: string): StepForm {
  return FORMS[type] ?? { main: [], more: COMMON };
}

export const ARM_FIELDS: readonly FormField[] = [
  field('name', 'Name', { kind: 'text' }),
  field('when', 'When', { kind: 'text', needed: true, help: CONDITION }),
];

export const ABOUT_FIELDS: readonly FormField[] = [
  field('name', 'Name', { kind: 'text', needed: true }),
  field('slug', 'Slug', {
    kind: 'text',
    needed: true,
    help: 'Its name in addresses and on the command line: small letters, digits and hyphens.',
  }),
  field('description', 'Description', { kind: 'long' }),
  field('category', 'Category', { kind: 'text' }),
  field('tags', 'Tags', { kind: 'words', help: 'With commas between.' }),
  field('output_type', 'Kind of result', {
    kind: 'choice',
    help: 'Decides how its quality is weighed.',
    choices: [
      ['', 'Report (default)'],
      ['code', 'Code'],
      ['operations', 'Operations'],
      ['documentation', 'Documentation'],
      ['analysis', 'Analysis'],
    ],
  }),
];

export const SETTINGS_FIELDS: readonly FormField[] = [
  field('execution.mode', 'Order of the steps', {
    kind: 'choice',
    choices: [
      ['', 'As written, or a graph once a step names what it waits for (default)'],
      ['sequential', 'Always as written'],
      ['parallel', 'Always a graph'],
    ],
  }),
  field('execution.parallel_limit', 'Steps at once', { kind: 'number', placeholder: '5' }),
  field('execution.max_retries', 'Repeats of a failed step', { kind: 'number', placeholder: '0' }),
  field('execution.retry_delay_ms', 'Wait before a repeat', {
    kind: 'duration',
    placeholder: '1000',
  }),
  field('execution.timeout_per_step_ms', 'Time limit of a step', {
    kind: 'duration',
    placeholder: '300000',
  }),
  field('execution.total_timeout_ms', 'Time limit of the run', {
    kind: 'duration',
    placeholder: '600000',
  }),
  field('execution.priority', 'Priority', {
    kind: 'choice',
    choices: [
      ['', 'Normal (default)'],
      ['high', 'High'],
      ['low', 'Low'],
    ],
  }),
  field('execution.max_concurrent_runs', 'Runs at once', {
    kind: 'number',
    help: 'More of them wait as queued.',
  }),
  field('quality_threshold', 'Least quality of the run', {
    kind: 'ratio',
    help: '0 to 1. Below it the run fails.',
  }),
  field('execution.max_repairs', 'Repairs of a step below its quality', {
    kind: 'number',
    placeholder: '1',
  }),
  field('execution.auto_learning', 'Apply what runs teach', {
    kind: 'switch',
    initially: false,
    help: 'Suggestions become versions, are measured, and are taken back when they do not help.',
  }),
  ...BUDGET,
];

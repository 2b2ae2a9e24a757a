import {
  Bot,
  Braces,
  ChefHat,
  Columns3,
  FileText,
  GitFork,
  Hand,
  ListTree,
  RefreshCw,
  Timer,
  Wrench,
  type LucideIcon,
} from 'lucide-react';
import type { JsonObject } from './document/json-edit.ts';

export interface StepTypeLook {
  type: string;
  label: string;
  /** What it does, in one line. */
  does: string;
  icon: LucideIcon;
  /** Fields of a new step of this type. */
  fresh: JsonObject;
}

const inner = (): JsonObject[] => [{ step_id: 'inner', agent: '', prompt_template: '' }];

/** In the order they are offered. */
export const STEP_TYPES: readonly StepTypeLook[] = [
  {
    type: 'agent',
    label: 'Agent',
    does: 'A specialist works on a prompt, with its tools',
    icon: Bot,
    fresh: { agent: '', prompt_template: '' },
  },
  {
    type: 'tool',
    label: 'Tool',
    does: 'One tool, called with fixed inputs; no model',
    icon: Wrench,
    fresh: { type: 'tool', tool: '', input: {} },
  },
  {
    type: 'document',
    label: 'Document',
    does: 'Writes a report from a template',
    icon: FileText,
    fresh: { type: 'document', title: 'Report', template: '# Report\n' },
  },
  {
    type: 'recipe',
    label: 'Recipe',
    does: 'Another recipe as a run of its own',
    icon: ChefHat,
    fresh: { type: 'recipe', recipe: '', inputs: {} },
  },
  {
    type: 'approval',
    label: 'Approval',
    does: 'A person decides before it goes on',
    icon: Hand,
    fresh: { type: 'approval', message: 'May this go on?' },
  },
  {
    type: 'wait',
    label: 'Wait',
    does: 'For a span, until a time, or for a signal',
    icon: Timer,
    fresh: { type: 'wait', for_ms: 60_000 },
  },
  {
    type: 'parallel',
    label: 'Side by side',
    does: 'Steps that run at the same time',
    icon: Columns3,
    fresh: { type: 'parallel', steps: inner() },
  },
  {
    type: 'map',
    label: 'For each item',
    does: 'The same steps for every item of a list',
    icon: ListTree,
    fresh: { type: 'map', items: '', steps: inner() },
  },
  {
    type: 'branch',
    label: 'Branch',
    does: 'The first way whose condition is true',
    icon: GitFork,
    fresh: { type: 'branch', branches: [{ name: 'first', when: '', steps: inner() }] },
  },
  {
    type: 'loop',
    label: 'Loop',
    does: 'Again until a condition is true, with a bound',
    icon: RefreshCw,
    fresh: { type: 'loop', until: '', max_iterations: 3, steps: inner() },
  },
  {
    type: 'code',
    label: 'Code',
    does: 'A small program in JavaScript or Python, isolated',
    icon: Braces,
    fresh: {
      type: 'code',
      language: 'javascript',
      source: 'function main(input) {\n  return input;\n}\n',
      input: {},
    },
  },
];

const UNKNOWN: Omit<StepTypeLook, 'type'> = {
  label: 'Unknown type',
  does: 'This type of step does not exist',
  icon: Braces,
  fresh: {},
};

export function stepType(type: string): StepTypeLook {
  return STEP_TYPES.find((each) => each.type === type) ?? { ...UNKNOWN, type };
}

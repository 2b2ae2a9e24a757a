import type { Finding, Severity } from '@automatos/contracts';
import type { QualityEvidence, StepQualityInput } from './types.ts';

const SCORED_AT = '2026-11-02T10:00:00.000Z';

function finding(
  severity: Severity,
  rule: string,
  at: { path: string; line: number; message: string; tool: string },
): Finding {
  const { path, line, message, tool } = at;
  return { severity, rule, message, location: { path, line }, evidence: message, tool };
}

const FINDINGS: Finding[] = [
  finding('critical', 'secret/aws-key', {
    path: 'config/deploy.env',
    line: 4,
    message: 'AWS access key in a committed file',
    tool: 'secret_scan',
  }),
  finding('high', 'sql-injection', {
    path: 'src/orders.ts',
    line: 27,
    message: 'Query text is joined with a request parameter',
    tool: 'sast_scan',
  }),
  finding('medium', 'weak-hash', {
    path: 'src/auth.ts',
    line: 9,
    message: 'Passwords are hashed with MD5',
    tool: 'sast_scan',
  }),
];

export const EVIDENCE: QualityEvidence = {
  findings: FINDINGS,
  findingsTotal: 3,
  tools: [
    {
      name: 'secret_scan',
      status: 'success',
      summary: '1 secret in 42 files.',
      output: { files: 42 },
      findingsTotal: 1,
    },
    {
      name: 'sast_scan',
      status: 'success',
      summary: '2 findings in 42 files.',
      output: { files: 42 },
      findingsTotal: 2,
    },
  ],
};
const NO_EVIDENCE: QualityEvidence = { findings: [], findingsTotal: 0, tools: [] };

const REPORT = `# Security review of the order service

## Summary

The scan of 42 files brought 3 findings: 1 critical, 1 high, 1 medium. The access key must be revoked today, because anybody who can read the repository can use it.

## Findings

| Place | Severity | Rule |
| --- | --- | --- |
| \`config/deploy.env:4\` | critical | \`secret/aws-key\` |
| \`src/orders.ts:27\` | high | \`sql-injection\` |
| \`src/auth.ts:9\` | medium | \`weak-hash\` |

## What to do

1. Revoke the AWS key in \`config/deploy.env:4\` and read it from the environment instead.
2. Pass the order id in \`src/orders.ts:27\` as a parameter of the query, so that nobody can add SQL of their own.
3. Hash passwords in \`src/auth.ts:9\` with scrypt, and replace each old hash when its owner signs in next.

## What was not covered

The scan read source files only. Dependencies were not part of this review.
`;

const CODE = `The function below adds the order lines and applies the discount. It keeps amounts as whole cents, so no rounding errors add up.

\`\`\`ts
export interface OrderLine {
  quantity: number;
  unitCents: number;
}

/** Total of an order in cents; the discount is a share from 0 to 1. */
export function orderTotal(lines: readonly OrderLine[], discount: number): number {
  if (discount < 0 || discount > 1) throw new RangeError('discount must be from 0 to 1');
  const sum = lines.reduce((total, { quantity, unitCents }) => total + quantity * unitCents, 0);
  return Math.round(sum * (1 - discount));
}
\`\`\`

An empty order has a total of zero cents. A discount outside its range is refused with an error that names the bounds.
`;

const DOCUMENTATION = `# Order service

## Overview

The order service stores orders and sums up their lines. Other services reach it through its HTTP interface.

## Configuration

| Setting | Meaning |
| --- | --- |
| \`ORDERS_DATABASE_URL\` | Address of the database that holds the orders |
| \`ORDERS_PORT\` | Port that the service listens on |

## Usage

Start the service and send an order:

\`\`\`json
{ "customer": "c-17", "lines": [{ "sku": "tea", "quantity": 2 }] }
\`\`\`

The answer carries the id of the order and its total in cents. An order without lines is refused with status 422, and the error names the field.

## Errors

Each error carries a code. The service answers 404 for an order that it does not have, and 409 when two clients change the same order at once.
`;

type Base = Pick<StepQualityInput, 'outputType' | 'request' | 'evidence'> & {
  text: string;
  sections: string[];
};
export const PERFECT: Readonly<Record<'report' | 'code' | 'documentation', Base>> = {
  report: {
    outputType: 'report',
    request:
      'Review the security of the order service: run the scans, list every finding with path and line, and say what to do.',
    text: REPORT,
    evidence: EVIDENCE,
    sections: ['Summary', 'Findings', 'What to do'],
  },
  code: {
    outputType: 'code',
    request:
      'Write a TypeScript function that gives the total of an order in cents from its lines and a discount.',
    text: CODE,
    evidence: NO_EVIDENCE,
    sections: [],
  },
  documentation: {
    outputType: 'documentation',
    request:
      'Document the order service: overview, configuration settings, usage of the HTTP interface with an example order, errors.',
    text: DOCUMENTATION,
    evidence: NO_EVIDENCE,
    sections: ['Overview', 'Configuration', 'Usage', 'Errors'],
  },
};

const OFF_TOPIC = `# Autumn soups

## Pumpkin

Roast half a pumpkin until its flesh gives way, then blend it with onions, ginger and coconut milk. Salt and lime come at the end, when the pot has left the stove.

## Leek

Soften leeks in butter before the potatoes go in. Twenty minutes of gentle heat make the broth thick, and a spoon of cream rounds it off.

## Beetroot

Grate the beetroot raw and let it simmer with vinegar and dill. Serve with rye bread.
`;

/** One text added per defect; `repeat` makes more of the same. */
const ADDED: Readonly<Record<string, (index: number) => string>> = {
  placeholder: (index) => `\n\nTODO: write paragraph ${index} later.`,
  unresolved: (index) => `\n\nThe owner is {{steps.owner${index}.name}}.`,
  contradicting: () => `\n\nThere are no secrets in the repository.`,
  miscounted: (index) => `\n\nThe scan also shows ${index + 30} critical findings.`,
  wrong_citation: (index) =>
    `\n\nThe same mistake stands in \`src/missing${index}.ts:${index + 5}\`.`,
  off_topic: (index) =>
    `\n\n## Soup ${'abcdefghijkl'[index] ?? 'z'}\n\nRoast half a pumpkin until its flesh gives way, then blend it with ginger and coconut milk for guest ${index}.`,
  repeated: () =>
    `\n\nThe access key must be revoked at once by whoever owns the account that it opens.`,
  shouting: (index) => `\n\nThis MUST NEVER EVER HAPPEN AGAIN!!! Note ${index}.`,
  filler: (index) => `\n\nI hope this helps, and let me know if you want part ${index}.`,
  canned: (index) => `\n\nAs an AI language model, I cannot help with part ${index}.`,
};
export const ADDED_DEFECTS = Object.keys(ADDED);

export function withDefect(base: Base, defect: string, times: number): StepQualityInput {
  const add = ADDED[defect];
  const more = Array.from({ length: times }, (_, index) => add?.(index) ?? '').join('');
  return toInput({ ...base, text: base.text.trimEnd() + more });
}

export function toInput(base: Base, text: string | null = base.text): StepQualityInput {
  return {
    stepId: 'write',
    outputType: base.outputType,
    threshold: null,
    scoredAt: SCORED_AT,
    request: base.request,
    inputs: { path: '/work/orders' },
    content: { name: '', text, format: 'markdown', object: null },
    sections: base.sections,
    evidence: base.evidence,
  };
}

export interface Golden {
  name: string;
  input: StepQualityInput;
  /** Least and greatest score that it may have. */
  range: readonly [number, number];
  /** The check that must have seen what is wrong. */
  seen?: string;
}

const CLAIMS_CLEAN = `# Security review of the order service

## Summary

The repository of the order service is in good order. The scans of the source files brought no findings, there are no secrets, and no vulnerabilities were seen in any file.

## Findings

No critical findings and no high findings. Each service file was read by both scans.

## What to do

Nothing has to be done. Repeat the security review after the next larger change of the service.
`;

const BROKEN_CODE = CODE.replace(
  'return Math.round(sum * (1 - discount));\n}',
  '// TODO: your code here\n',
);

/** Results of known worth, with the range in which their score must lie. */
export const GOLDEN: readonly Golden[] = [
  ...Object.entries(PERFECT).map(([name, base]): Golden => ({
    name: `perfect ${name}`,
    input: toInput(base),
    range: [1, 1],
  })),
  ...Object.entries(PERFECT).flatMap(([name, base]): Golden[] => [
    { name: `empty ${name}`, input: toInput(base, ''), range: [0, 0], seen: 'present' },
    {
      name: `off-topic ${name}`,
      input: toInput(base, OFF_TOPIC),
      range: [0, 0.55],
      seen: 'answers_request',
    },
    {
      name: `placeholders in ${name}`,
      input: withDefect(base, 'placeholder', 3),
      range: [0.3, 0.8],
      seen: 'placeholders',
    },
    {
      name: `unresolved references in ${name}`,
      input: withDefect(base, 'unresolved', 3),
      range: [0.3, 0.8],
      seen: 'placeholders',
    },
    {
      name: `canned ${name}`,
      input: toInput(base, 'As an AI language model, I cannot help with that request.'),
      range: [0, 0.5],
      seen: 'answered',
    },
  ]),
  {
    name: 'report that contradicts its tools',
    input: toInput(PERFECT.report, CLAIMS_CLEAN),
    range: [0, 0.6],
    seen: 'counts_hold',
  },
  {
    name: 'report with wrong numbers beside severities',
    input: toInput(PERFECT.report, REPORT.replace('1 critical, 1 high', '5 critical, 9 high')),
    range: [0.5, 0.85],
    seen: 'counts_hold',
  },
  {
    name: 'report with wrong citations',
    input: toInput(PERFECT.report, REPORT.replaceAll(/\.(ts|env):\d+/g, '.$1:999')),
    range: [0.3, 0.8],
    seen: 'citations',
  },
  {
    name: 'documentation with wrong citations',
    input: withDefect({ ...PERFECT.documentation, evidence: EVIDENCE }, 'wrong_citation', 3),
    range: [0.3, 0.8],
    seen: 'citations',
  },
  {
    name: 'documentation that contradicts its tools',
    input: withDefect({ ...PERFECT.documentation, evidence: EVIDENCE }, 'contradicting', 2),
    range: [0.3, 0.8],
    seen: 'counts_hold',
  },
  {
    name: 'code that is unfinished and does not parse',
    input: toInput(PERFECT.code, BROKEN_CODE),
    range: [0.2, 0.65],
    seen: 'code_parses',
  },
  {
    name: 'code without any code',
    input: toInput(
      PERFECT.code,
      'The function takes the order lines and a discount, and gives the total in cents.',
    ),
    range: [0, 0.7],
    seen: 'code_present',
  },
];

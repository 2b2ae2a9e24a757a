import type { Finding } from '@automatos/contracts';
import {
  childOf,
  itemsOf,
  lineOfPlace,
  parseSpecText,
  rootOf,
  textOf,
  type Place,
} from '../api/spec-document.ts';
import type { ToolEnvironment } from '../definition.ts';
import { readTextFile } from '../workspace/read-text.ts';
import { extensionOf } from '../workspace/scan-files.ts';
import { walkFiles } from '../workspace/walk.ts';
import { metricNamesOf, type PromqlCheck } from './promql.ts';

const FILES_MAX = 100;

export interface RuleCheck {
  files: string[];
  rules: number;
  findings: Finding[];
  /** Metrics that rules which parse read. */
  named: Set<string>;
}

type Problem = Pick<Finding, 'rule' | 'severity' | 'message' | 'fix'> & { at: Place };

function toFinding({ at, ...problem }: Problem): Finding {
  const line = lineOfPlace(at);
  return {
    ...problem,
    location: { path: at.doc.path, line },
    evidence: at.doc.textAt(line) || `line ${line}`,
    tool: 'alert_rule_suggest',
  };
}

function incomplete(rule: Place, name: string): Problem[] {
  const lacks = [
    ...(textOf(childOf(rule, 'labels', 'severity')) === undefined ? ['labels.severity'] : []),
    ...(textOf(childOf(rule, 'annotations', 'summary')) === undefined &&
    textOf(childOf(rule, 'annotations', 'description')) === undefined
      ? ['annotations.summary']
      : []),
  ];
  return lacks.length === 0
    ? []
    : [
        {
          rule: 'alerts.rule_incomplete',
          severity: 'low',
          message: `The alert "${name}" has no ${lacks.join(' and no ')}.`,
          at: rule,
          fix: 'Add it: whoever is woken must know how bad it is and what it means.',
        },
      ];
}

interface Known {
  check: PromqlCheck;
  /** Names of the metrics that there are; empty = unknown. */
  metrics: ReadonlySet<string>;
}

async function judgeRule(
  rule: Place,
  { check, metrics }: Known,
  named: Set<string>,
): Promise<Problem[]> {
  const name =
    textOf(childOf(rule, 'alert')) ?? textOf(childOf(rule, 'record')) ?? 'without a name';
  const expression = childOf(rule, 'expr');
  const text =
    typeof expression.value === 'number' ? String(expression.value) : (textOf(expression) ?? '');
  const wrongAt = check(text);
  if (wrongAt !== null)
    return [
      {
        rule: 'alerts.rule_unparsable',
        severity: 'high',
        message: `The expression of "${name}" is no PromQL from character ${wrongAt + 1} on; Prometheus refuses the whole file.`,
        at: expression.value === undefined ? rule : expression,
        fix: 'Correct the expression.',
      },
    ];
  const names = await metricNamesOf(text);
  for (const one of names) named.add(one);
  const unknown =
    metrics.size === 0
      ? []
      : names.filter(
          (one) => !metrics.has(one) && !/^(?:up|ALERTS|scrape_)/.test(one) && !one.includes(':'),
        );
  return [
    ...(childOf(rule, 'alert').value === undefined ? [] : incomplete(rule, name)),
    ...unknown.map((one): Problem => ({
      rule: 'alerts.unknown_metric',
      severity: 'medium',
      message: `"${name}" reads "${one}", which is not among the metrics given; it can never fire.`,
      at: expression,
      fix: 'Correct the name, or give the metrics that have it.',
    })),
  ];
}

/** Looks through the rule files of Prometheus below a path (YAML with `groups` of `rules`). */
export async function checkRuleFiles(
  path: string,
  known: Known,
  env: ToolEnvironment,
): Promise<RuleCheck> {
  const walk = await walkFiles(path, { roots: env.roots, signal: env.signal });
  const result: RuleCheck = { files: [], rules: 0, findings: [], named: new Set() };
  for (const file of walk.files
    .filter((one) => ['.yaml', '.yml'].includes(extensionOf(one.path)))
    .slice(0, FILES_MAX)) {
    const read = await readTextFile(file.absolute);
    if (read.kind !== 'text' || !/^groups\s*:/m.test(read.text)) continue;
    const doc = await parseSpecText(read.text, { path: file.path, absolute: file.absolute });
    result.files.push(file.path);
    for (const group of itemsOf(childOf(rootOf(doc), 'groups')))
      for (const rule of itemsOf(childOf(group, 'rules'))) {
        result.rules += 1;
        result.findings.push(...(await judgeRule(rule, known, result.named)).map(toFinding));
      }
  }
  return result;
}

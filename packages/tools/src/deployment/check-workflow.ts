import { isRecord } from '../security/audit-result.ts';
import {
  isLiteral,
  isSecretName,
  mask,
  type DeploymentFile,
  type Problem,
} from './deployment-files.ts';
import { readYaml, recordsIn, textsIn, type YamlDocument } from './yaml-file.ts';

/** Parts of an event that strangers write: titles, texts and names of branches may hold commands. */
const STRANGERS_TEXT =
  /\$\{\{[^}]*github\.(?:event\.(?:issue|pull_request|comment|review|discussion|head_commit|commits|pages|workflow_run)[\w.[\]*'"]*\.(?:title|body|message|name|email|ref|label|default_branch|head_branch|display_title)|head_ref)[^}]*\}\}/;
const HEAD_OF_PULL = /github\.(?:event\.pull_request\.head\.(?:sha|ref)|head_ref)/;

interface Step {
  value: Record<string, unknown>;
  line(...path: (string | number)[]): number;
}

/** Line of a part of the script of a step. */
function lineInside(step: Step, text: string, index: number): number {
  const before = text.slice(0, index).split('\n').length - 1;
  // A block begins on the line after its key.
  return step.line('run') + before + (text.includes('\n') ? 1 : 0);
}

function checkRun(step: Step, run: string): Problem[] {
  const problems: Problem[] = [];
  const injected = STRANGERS_TEXT.exec(run);
  if (injected !== null)
    problems.push({
      rule: 'ci.script_injection',
      severity: 'high',
      message: 'What a stranger wrote becomes part of the script, and runs with its rights.',
      line: lineInside(step, run, injected.index),
      fix: 'Pass it as a variable (env:) and use "$VARIABLE" in the script.',
    });
  const shown = /\becho\b[^\n|>]*\$\{\{\s*secrets\./.exec(run);
  if (shown !== null)
    problems.push({
      rule: 'ci.secret_printed',
      severity: 'high',
      message: 'A secret is written into the log, where changed forms of it are not masked.',
      line: lineInside(step, run, shown.index),
      fix: 'Do not print it.',
    });
  return problems;
}

function checkAction(step: Step, action: string, onPullTarget: boolean): Problem[] {
  const problems: Problem[] = [];
  const isForeign = !action.startsWith('./') && !action.startsWith('docker://');
  if (isForeign && !/@[0-9a-f]{40}$/.test(action))
    problems.push({
      rule: 'ci.unpinned_action',
      severity: /^(?:actions|github)\//.test(action) ? 'low' : 'medium',
      message: `"${action}" can be changed by its owner after it was looked at.`,
      line: step.line('uses'),
      fix: 'Pin the full commit hash, with the version as a comment.',
    });
  const inputs = isRecord(step.value['with']) ? step.value['with'] : {};
  if (
    onPullTarget &&
    action.startsWith('actions/checkout@') &&
    HEAD_OF_PULL.test(String(inputs['ref']))
  )
    problems.push({
      rule: 'ci.foreign_code_with_secrets',
      severity: 'critical',
      message:
        'Code of a stranger is checked out in a workflow that has the secrets of the repository.',
      line: step.line('with', 'ref'),
      fix: 'Use "pull_request", or do not check out the head.',
    });
  const script = inputs['script'];
  if (typeof script === 'string' && STRANGERS_TEXT.test(script))
    problems.push({
      rule: 'ci.script_injection',
      severity: 'high',
      message: 'What a stranger wrote becomes part of the script, and runs with its rights.',
      line: step.line('with', 'script'),
      fix: 'Read it from "context.payload" or from a variable.',
    });
  return problems;
}

function checkVariables(value: unknown, line: (...path: (string | number)[]) => number): Problem[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, one]): Problem[] => {
    if (typeof one !== 'string' || !isSecretName(name) || !isLiteral(one)) return [];
    return [
      {
        rule: 'ci.secret_in_file',
        severity: 'high',
        message: `The value of "${name}" stands in the workflow.`,
        line: line('env', name),
        evidence: `${name}: ${mask(one)}`,
        fix: 'Store it as a secret of the repository.',
      },
    ];
  });
}

function checkStep(step: Step, onPullTarget: boolean): Problem[] {
  const { run, uses } = step.value;
  const problems = checkVariables(step.value['env'], step.line);
  if (typeof run === 'string') problems.push(...checkRun(step, run));
  if (typeof uses === 'string') problems.push(...checkAction(step, uses, onPullTarget));
  if (typeof run !== 'string' && typeof uses !== 'string')
    problems.push({
      rule: 'ci.malformed',
      severity: 'high',
      message: 'The step neither runs a script nor uses an action.',
      line: step.line(),
      fix: 'Add "run" or "uses".',
    });
  return problems;
}

type Lines = (...path: (string | number)[]) => number;

function checkJob(
  [name, job]: [string, Record<string, unknown>],
  line: Lines,
  { names, onPullTarget }: { names: ReadonlySet<string>; onPullTarget: boolean },
): Problem[] {
  const problems = checkVariables(job['env'], line);
  if (job['runs-on'] === undefined && job['uses'] === undefined)
    problems.push({
      rule: 'ci.malformed',
      severity: 'high',
      message: `The job "${name}" does not say where it runs.`,
      line: line(),
      fix: 'Add "runs-on".',
    });
  const needs = typeof job['needs'] === 'string' ? [job['needs']] : textsIn(job['needs']);
  for (const need of needs.filter((one) => !names.has(one)))
    problems.push({
      rule: 'ci.unknown_job',
      severity: 'high',
      message: `The job "${name}" waits for "${need}", which does not exist.`,
      line: line('needs'),
      fix: 'Correct the name.',
    });
  const steps = recordsIn(job['steps']).flatMap(([index, value]) =>
    checkStep({ value, line: (...path) => line('steps', index, ...path) }, onPullTarget),
  );
  return [...problems, ...steps];
}

function eventsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return isRecord(value) ? Object.keys(value) : textsIn(value);
}

function checkPermissions({ value, lineOf }: YamlDocument): Problem[] {
  const jobs = recordsIn(value['jobs']);
  const all = value['permissions'];
  if (all === 'write-all')
    return [
      {
        rule: 'ci.all_permissions',
        severity: 'medium',
        message: 'Every step may change everything in the repository.',
        line: lineOf(['permissions']),
        fix: 'Name the permissions that are needed; "contents: read" is enough for most.',
      },
    ];
  if (all !== undefined || jobs.every(([, job]) => job['permissions'] !== undefined)) return [];
  return [
    {
      rule: 'ci.no_permissions',
      severity: 'low',
      message:
        'It is not said what the token of the workflow may do; old repositories give it everything.',
      line: lineOf(['jobs']),
      fix: 'Add "permissions: { contents: read }".',
    },
  ];
}

function checkDocument(document: YamlDocument): Problem[] {
  const { value, lineOf } = document;
  const jobs = recordsIn(value['jobs']).map(([name, job]): [string, Record<string, unknown>] => [
    String(name),
    job,
  ]);
  if (jobs.length === 0)
    return [
      {
        rule: 'ci.malformed',
        severity: 'high',
        message: 'The workflow has no job.',
        line: lineOf(['jobs']),
        fix: 'Add one.',
      },
    ];
  const context = {
    names: new Set(jobs.map(([name]) => name)),
    onPullTarget: eventsOf(value['on']).includes('pull_request_target'),
  };
  return [
    ...checkPermissions(document),
    ...checkVariables(value['env'], (...path) => lineOf(path)),
    ...jobs.flatMap((job) =>
      checkJob(job, (...path) => lineOf(['jobs', job[0], ...path]), context),
    ),
  ];
}

/** Everything that is wrong with a workflow of GitHub Actions. */
export function checkWorkflow({ text }: DeploymentFile): Problem[] {
  const { documents, errors } = readYaml(text);
  return [
    ...errors.map(({ message, line }): Problem => ({
      rule: 'ci.malformed',
      severity: 'high',
      message,
      line,
      fix: 'Correct the YAML.',
    })),
    ...documents.flatMap(checkDocument),
  ];
}

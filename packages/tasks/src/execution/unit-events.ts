import type { ErrorInfo } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import { asJson } from '../pipeline/stage.ts';
import type { UnitResult } from '../pipeline/task-run.ts';

const FINDINGS_KEPT = 100;
const PREVIEW_CHARACTERS = 1_000;

/** Step of the run under which a unit is shown. */
export function unitStepId(unitId: string): string {
  return `execution#${unitId}`;
}

export function emitUnitStarted(
  context: RunContext,
  unit: {
    id: string;
    title: string;
    agent: string | null;
    attempt: number;
    dependsOn: readonly string[];
  },
): void {
  context.emit({
    type: 'step.started',
    key: `step:${unitStepId(unit.id)}:started:${unit.attempt}`,
    stepId: unitStepId(unit.id),
    data: {
      name: unit.title,
      type: 'unit',
      ...(unit.agent === null ? {} : { agent: unit.agent }),
      attempt: unit.attempt,
      depends_on: unit.dependsOn.map(unitStepId),
      parent: 'execution',
    },
  });
}

/** Tells how a unit ended, with what it brought. */
export function emitUnitEnded(context: RunContext, result: UnitResult): void {
  const stepId = unitStepId(result.unitId);
  const key = (end: string) => `step:${stepId}:${end}:${result.attempt}`;
  if (result.status === 'skipped') {
    const reason = result.error?.message ?? 'A unit that it needs failed.';
    return context.emit({ type: 'step.skipped', key: key('skipped'), stepId, data: { reason } });
  }
  const output = asJson(outputOf(result));
  const times = { duration_ms: Math.round(result.durationMs), usage: result.usage };
  if (result.status === 'completed') {
    return context.emit({
      type: 'step.completed',
      key: key('completed'),
      stepId,
      data: { ...times, output_preview: cutText(result.text, PREVIEW_CHARACTERS) },
      attachment: { output },
    });
  }
  context.emit({
    type: 'step.failed',
    key: key('failed'),
    stepId,
    data: { ...times, error: result.error ?? UNKNOWN, attempts: result.attempt },
    attachment: { output },
  });
}

const UNKNOWN: ErrorInfo = {
  code: 'tasks.agents.all_failed',
  kind: 'internal',
  message: 'The unit failed without saying why.',
};

function outputOf(result: UnitResult) {
  return {
    text: result.text,
    findings: result.findings.slice(0, FINDINGS_KEPT),
    findings_total: result.findingsTotal,
    confidence: result.confidence,
    tools: Object.fromEntries(
      Object.entries(result.tools).map(([name, { status, summary }]) => [
        name,
        { status, summary },
      ]),
    ),
    offline: result.offline,
  };
}

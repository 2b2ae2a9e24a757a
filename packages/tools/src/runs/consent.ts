import { cutText } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { ToolOutcome } from '../definition.ts';
import { maskSecrets } from '../mask-secrets.ts';
import { APPROVAL_REQUIRED } from '../settings/tool-gate.ts';

/** A call waits so long for a decision; after that it counts as refused. */
const CONSENT_WAIT_MS = 24 * 3_600_000;
const ARGUMENTS_CHARS = 6_000;

/** True for the outcome of a call that may be made again once a person consented. */
export function needsConsent(outcome: ToolOutcome): boolean {
  return outcome.status === 'denied' && outcome.error?.code === APPROVAL_REQUIRED;
}

export interface ConsentQuestion {
  /** Unique within the run and the same on replay. */
  key: string;
  stepId: string;
  tool: string;
  input: JsonValue;
  /** Why it is asked. */
  reason: string;
  agent?: string;
}

/**
 * Asks a person about one call and waits, for a day at most and over restarts. `by` null: refused, or nobody decided; nobody is asked
 * in a dry run.
 */
export async function askConsent(
  context: Pick<RunContext, 'approval' | 'dryRun'>,
  question: ConsentQuestion,
): Promise<{ by: string | null; comment: string }> {
  if (context.dryRun) return { by: null, comment: 'a dry run asks nobody' };
  const outcome = await context.approval({
    key: `tool:${question.key}`,
    stepId: question.stepId,
    title: `May ${question.agent === undefined ? 'this step' : `agent "${question.agent}"`} use "${question.tool}"?`,
    message: messageOf(question),
    timeoutMs: CONSENT_WAIT_MS,
  });
  if (outcome.decision === 'approved') return { by: outcome.by ?? 'a person', comment: '' };
  if (outcome.decision === 'timed_out') return { by: null, comment: 'nobody decided in time' };
  const who = outcome.by === null ? 'a person' : outcome.by;
  return { by: null, comment: `${who} said no${outcome.comment ? `: ${outcome.comment}` : ''}` };
}

/** Markdown; what is shown of the arguments cannot end the block that it stands in. */
function messageOf({ tool, input, reason }: ConsentQuestion): string {
  const shown = cutText(JSON.stringify(maskSecrets(input), null, 2), ARGUMENTS_CHARS);
  return `${reason}\n\nTool: ${tool}\n\nArguments:\n\`\`\`json\n${shown.replaceAll('`', '\\u0060')}\n\`\`\``;
}

/** What a caller hears of a call that was not consented to. */
export function refusedOutcome(tool: string, comment: string): ToolOutcome {
  const message = `The call of "${tool}" was not made: ${comment}. Go on without it, or say what would be needed.`;
  return {
    status: 'denied',
    output: null,
    summary: message,
    findings: [],
    findingsTotal: 0,
    error: { code: 'tools.approval.rejected', kind: 'forbidden', message, retryable: false },
    truncated: false,
    outputBytes: 0,
    durationMs: 0,
    tainted: false,
  };
}

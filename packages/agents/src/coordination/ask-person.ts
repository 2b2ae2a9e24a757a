import type { HierarchicalSettings } from '@automatos/contracts';
import { cutText } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import { shownScore } from './assigning/match.ts';
import type { CoordinationRequest, Decision, UnitOutcome, WorkUnit } from './coordination-types.ts';

const TEXT_CHARS_MAX = 4_000;

export interface PersonQuestion {
  unit: WorkUnit;
  context: RunContext;
  request: CoordinationRequest;
  settings: HierarchicalSettings;
  key: string;
  decide(decision: Decision): void;
}

/** Lets a person accept or refuse a result that nobody of the team could make surer. Without a person it stays as it is, and that is told. */
export async function askPerson(
  question: PersonQuestion,
  outcome: UnitOutcome,
): Promise<UnitOutcome> {
  const { unit, context, request, settings, decide } = question;
  const why = `The confidence ${shownScore(outcome.confidence)} is under ${settings.confidence_threshold} and nobody of the team is stronger`;
  const decision = { subject: unit.id, candidates: [] };
  if (!settings.ask_person || context.dryRun) {
    const nobody = context.dryRun ? 'a dry run asks no person' : 'the pattern asks no person';
    decide({
      ...decision,
      decision: 'accept_unsure',
      chosen: [outcome.agent ?? ''],
      reason: `${why}; ${nobody}.`,
    });
    return outcome;
  }
  decide({
    ...decision,
    decision: 'escalate',
    chosen: ['person'],
    reason: `${why}: a person decides.`,
  });
  const answer = await context.approval(
    {
      key: `coordination:${question.key}`,
      stepId: request.stepId,
      title: `Is this result of "${unit.title}" good enough?`,
      message: `${outcome.agent ?? 'An agent'} did it with a computed confidence of ${shownScore(outcome.confidence)}; the pattern asks for ${settings.confidence_threshold}.\n\n${cutText(outcome.text, TEXT_CHARS_MAX)}`,
      timeoutMs: settings.person_timeout_ms,
    },
    { signal: request.signal },
  );
  const accepted =
    answer.decision === 'approved' ||
    (answer.decision === 'timed_out' && settings.on_timeout === 'accept');
  decide({
    ...decision,
    decision: 'person_decided',
    chosen: accepted ? [outcome.agent ?? ''] : [],
    reason: reasonOf(answer.decision, answer.by, answer.comment),
  });
  if (accepted) return outcome;
  return {
    ...outcome,
    status: 'failed',
    error: {
      code: 'agents.coordination.refused',
      kind: 'forbidden',
      message: `The result of unit "${unit.id}" was not accepted. ${reasonOf(answer.decision, answer.by, answer.comment)}`,
      retryable: false,
    },
  };
}

function reasonOf(decision: string, by: string | null, comment: string | null): string {
  if (decision === 'timed_out') return 'Nobody decided in time.';
  const said = comment === null || comment.trim() === '' ? '' : ` "${cutText(comment, 500)}"`;
  return `${by ?? 'A person'} ${decision === 'approved' ? 'accepted' : 'refused'} it.${said}`;
}

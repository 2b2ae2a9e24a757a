import { cutText } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { UnitOutcome } from '../coordination-types.ts';
import type { RecordedBoard } from './recorded-board.ts';

const TEXT_CHARS_MAX = 8_000;
const FINDINGS_MAX = 50;

/** Key of the note on which an agent's result of a unit stands. */
export const resultKey = (unitId: string, agent: string): string => `units/${unitId}/${agent}`;

/** Puts an agent's result where the others can read it. */
export async function postOutcome(board: RecordedBoard, outcome: UnitOutcome): Promise<void> {
  const agent = outcome.agent ?? 'nobody';
  const value: JsonObject = {
    status: outcome.status,
    text: cutText(outcome.text, TEXT_CHARS_MAX),
    findings: outcome.findings.slice(0, FINDINGS_MAX) as unknown as JsonValue,
    findings_total: outcome.findingsTotal,
    error: outcome.error === null ? null : outcome.error.message,
  };
  await board.change(resultKey(outcome.unitId, agent), () => value, agent);
}

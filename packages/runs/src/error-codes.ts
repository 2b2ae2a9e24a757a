/** Error codes of the runs room, for the generated reference. */
export const RUNS_ERROR_CODES = {
  'run.item.not_found': 'No run with this id in the workspace.',
  'artifact.item.not_found': 'The run made no document with this id.',
  'runs.run.wrong_status': 'The run is in a status in which this cannot be done.',
  'runs.run.engine_ended': 'The engine ended the run without a result.',
  'runs.run.version_unsupported':
    'The journal of the run was written by a version that no running worker understands.',
  'runs.kind.unknown': 'This server does not know how to execute runs of this kind.',
  'runs.engine.already_running': 'One process runs one durable engine.',
  'runs.engine.not_running': 'This process does not execute runs.',
  'runs.journal.diverged': 'The code asks for another call than the one recorded at this point.',
  'runs.lane.too_many': 'A run did more things side by side than the journal numbers.',
  'runs.lane.too_many_calls': 'A branch made more calls than the journal numbers.',
  'runs.idempotency_key.reused': 'The Idempotency-Key was used for a run with other inputs.',
  'runs.effect.key_reused': 'The key of an effect was used for another request.',
  'runs.effect.unknown': 'An interrupted attempt may have taken effect; a person must check.',
  'runs.approval.already_decided':
    'The approval was decided, or closed with its step; each is decided once.',
  'runs.approval.expired': 'The time for the approval ran out before the decision.',
  'runs.approval.not_allowed': 'The approval names others who may decide it.',
  'runs.approval.values_invalid': 'The values given with the decision do not fit what was asked.',
  'runs.approval.closed': 'The approval was closed without a decision.',
  'runs.part.deleted': 'A run that was a part of this one was deleted before its end.',
  'approval.item.not_found': 'No approval with this id in the workspace.',
} as const;

import type { ThreatAssessmentView, ThreatBlockView } from '@automatos/contracts';
import type { Assessment, ThreatBlock } from './threat-types.ts';

export function presentAssessment(assessment: Assessment): ThreatAssessmentView {
  const { id, score, level, action, enforced, categories, principal, address, method, route } =
    assessment;
  return {
    id,
    at: new Date(assessment.at).toISOString(),
    score,
    level,
    action,
    enforced,
    categories,
    principal,
    address,
    user_agent: assessment.userAgent,
    request_id: assessment.requestId,
    method,
    route,
    status: assessment.status,
    run_id: assessment.runId,
    duration_us: assessment.durationUs,
    reasons: assessment.reasons,
  };
}

export function presentBlock(block: ThreatBlock, now: number): ThreatBlockView {
  const { id, kind, subject, reason, refused, until } = block;
  return {
    id,
    kind,
    subject,
    reason,
    created_by: block.createdBy,
    created_at: new Date(block.createdAt).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    active: until === null || until > now,
    refused,
    assessment_id: block.assessmentId,
  };
}

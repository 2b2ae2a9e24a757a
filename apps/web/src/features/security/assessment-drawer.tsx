'use client';

import type { ThreatAssessment } from '@automatos/sdk';
import Link from 'next/link';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Drawer } from '../../components/ui/dialog.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { LevelBadge } from './level-badge.tsx';
import { ReasonList } from './reason-list.tsx';
import { ACTIONS, PRINCIPALS, principalText } from './security-words.ts';

function factsOf(assessment: ThreatAssessment): [string, string][] {
  const { principal } = assessment;
  return [
    ['Time', formatDateTime(assessment.at)],
    ['By', `${principalText(assessment)} (${PRINCIPALS[principal.kind]})`],
    ['Address', assessment.address || '–'],
    ['Program', assessment.user_agent || '–'],
    ['Asked for', `${assessment.method} ${assessment.route}`],
    ['Answer', assessment.status === null ? '–' : String(assessment.status)],
    ['Request', assessment.request_id || '–'],
    ['The detector took', `${(assessment.duration_us / 1000).toFixed(2)} ms`],
  ];
}

/** One assessment: what was asked, why it scored, and what followed. */
export function AssessmentDrawer({
  assessment,
  mayBlock,
  onBlock,
  onClose,
}: {
  assessment: ThreatAssessment;
  mayBlock: boolean;
  onBlock: (subject: { kind: 'address' | 'principal'; subject: string }) => void;
  onClose: () => void;
}) {
  const { principal, address } = assessment;
  const canBlockCaller = principal.kind === 'user' || principal.kind === 'api_key';
  return (
    <Drawer
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Score ${assessment.score} of 100`}
    >
      <div className="grid gap-6">
        <p className="flex flex-wrap gap-2">
          <LevelBadge level={assessment.level} />
          <Badge tone={assessment.enforced ? 'bad' : 'idle'}>
            {assessment.enforced || assessment.action === 'allow'
              ? ACTIONS[assessment.action]
              : `Would be: ${ACTIONS[assessment.action].toLowerCase()}`}
          </Badge>
        </p>
        <dl className="divide-y divide-line text-sm">
          {factsOf(assessment).map(([label, value]) => (
            <div key={label} className="grid gap-1 py-2.5 sm:grid-cols-[9rem_1fr]">
              <dt className="text-ink-soft">{label}</dt>
              <dd className="wrap-anywhere">{value}</dd>
            </div>
          ))}
        </dl>
        {assessment.run_id === null ? null : (
          <Link
            href={`/runs/${assessment.run_id}`}
            className="text-sm font-medium text-accent-strong underline"
          >
            Run that was started with it
          </Link>
        )}
        <section className="grid gap-3">
          <h3 className="text-sm font-semibold">Why</h3>
          <ReasonList reasons={assessment.reasons} />
        </section>
        <div className="flex flex-wrap gap-2">
          <Button
            size="sm"
            onClick={() => {
              replaceSearchParams({ principal: principal.id || principal.kind });
              onClose();
            }}
          >
            Everything by this caller
          </Button>
          {mayBlock && canBlockCaller ? (
            <Button
              size="sm"
              variant="danger"
              onClick={() =>
                onBlock({ kind: 'principal', subject: `${principal.kind}:${principal.id}` })
              }
            >
              Block this caller
            </Button>
          ) : null}
          {mayBlock && address !== '' ? (
            <Button
              size="sm"
              variant="danger"
              onClick={() => onBlock({ kind: 'address', subject: address })}
            >
              Block this address
            </Button>
          ) : null}
        </div>
      </div>
    </Drawer>
  );
}

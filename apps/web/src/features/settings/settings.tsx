'use client';

import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { ThemeChoice } from '../../components/shell/theme-choice.tsx';
import { Section } from '../../components/ui/card.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { useMay, useSession } from '../session/use-session.ts';
import { ApiKeys } from './api-keys.tsx';

function WebhooksLink() {
  return (
    <Section title="Webhooks">
      <Link
        href="/settings/webhooks"
        className="flex min-h-14 items-center justify-between gap-4 rounded-card px-5 py-3 text-sm hover:bg-sunken"
      >
        <span className="text-ink-soft">
          Send events of runs to other systems, signed and repeatable.
        </span>
        <span className="inline-flex items-center gap-1 font-medium text-accent-strong">
          Open <ChevronRight aria-hidden className="size-4" />
          <span className="sr-only">webhooks</span>
        </span>
      </Link>
    </Section>
  );
}

function AuditLink() {
  return (
    <Section title="Audit log">
      <Link
        href="/settings/audit"
        className="flex min-h-14 items-center justify-between gap-4 rounded-card px-5 py-3 text-sm hover:bg-sunken"
      >
        <span className="text-ink-soft">
          Who did what in this workspace, in a chain that cannot be changed unseen.
        </span>
        <span className="inline-flex items-center gap-1 font-medium text-accent-strong">
          Open <ChevronRight aria-hidden className="size-4" />
          <span className="sr-only">audit log</span>
        </span>
      </Link>
    </Section>
  );
}

function Appearance() {
  return (
    <Section title="Appearance">
      <div className="max-w-md p-5">
        <ThemeChoice />
      </div>
    </Section>
  );
}

function Profile() {
  const session = useSession().data;
  if (session === undefined) return null;
  const facts = [
    ['Name', session.principal.name],
    ['E-mail', session.user?.email ?? '–'],
    ['Workspace', session.workspace.name],
    ['Role', session.workspace.role],
  ];
  return (
    <Section title="You">
      <dl className="divide-y divide-line text-sm">
        {facts.map(([label, value]) => (
          <div key={label} className="flex justify-between gap-4 px-5 py-3">
            <dt className="text-ink-soft">{label}</dt>
            <dd className="text-right font-medium wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

export function Settings() {
  const mayRead = useMay('keys:read');
  const mayAudit = useMay('audit:read');
  const mayReadWebhooks = useMay('webhooks:read');
  return (
    <>
      <PageHeader title="Settings" lead="Your account, how this looks, and keys for programs." />
      <div className="grid max-w-3xl grid-cols-1 gap-8">
        <Profile />
        <Appearance />
        {mayRead ? <ApiKeys /> : null}
        {mayReadWebhooks ? <WebhooksLink /> : null}
        {mayAudit ? <AuditLink /> : null}
      </div>
    </>
  );
}

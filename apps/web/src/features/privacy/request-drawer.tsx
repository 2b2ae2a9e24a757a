'use client';

import {
  executeDataRequest,
  extendDataRequest,
  refuseDataRequest,
  verifyDataRequest,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Drawer } from '../../components/ui/dialog.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useMay } from '../session/use-session.ts';
import { ExportLinks } from './export-links.tsx';
import { isOpen, TYPES, type DataRequest } from './privacy-words.ts';
import { ReasonDialog } from './reason-dialog.tsx';
import { RequestBadges, RequestFacts } from './request-facts.tsx';

type Step = 'verify' | 'execute' | 'refuse' | 'extend';

const STEPS: Record<
  Step,
  { title: string; description: string; label: string; action: string; required: boolean }
> = {
  verify: {
    title: 'Record how the identity was checked',
    description: 'Without it nothing is handed out, changed or erased.',
    label: 'How it was made sure that it is the person',
    action: 'Record',
    required: true,
  },
  execute: {
    title: 'Do what was asked',
    description:
      'It is done at once, in every table, file and cache. An erasure cannot be undone; backups are yours to look after.',
    label: 'Note',
    action: 'Do it now',
    required: false,
  },
  refuse: {
    title: 'Refuse the request',
    description: 'The person reads the reason, and that they may complain to the authority.',
    label: 'Reason, at least ten characters',
    action: 'Refuse',
    required: true,
  },
  extend: {
    title: 'Take two months more',
    description: 'Once, when the request is complex. The person reads the reason.',
    label: 'Reason, at least ten characters',
    action: 'Extend',
    required: true,
  },
};

function useStep(request: DataRequest, onDone: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async ({ step, text }: { step: Step; text: string }) => {
      const to = {
        client,
        path: { request_id: request.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      };
      if (step === 'verify') return verifyDataRequest({ ...to, body: { note: text } });
      if (step === 'execute') return executeDataRequest({ ...to, body: { note: text } });
      if (step === 'refuse') return refuseDataRequest({ ...to, body: { reason: text } });
      return extendDataRequest({ ...to, body: { months: 2, reason: text } });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: 'The request is up to date' });
      onDone();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ['privacy'] }),
  });
}

/** One request of a person, and the next steps of whoever answers it. */
export function RequestDrawer({ request, onClose }: { request: DataRequest; onClose: () => void }) {
  const mayWrite = useMay('privacy:write');
  const [step, setStep] = useState<Step | null>(null);
  const save = useStep(request, () => setStep(null));
  const open = isOpen(request);
  const next: Step[] = !open
    ? []
    : [
        ...(request.verification === null ? (['verify'] as const) : (['execute'] as const)),
        'refuse',
        ...(request.extension_reason === null ? (['extend'] as const) : []),
      ];
  return (
    <>
      <Drawer
        open
        onOpenChange={(stays) => (stays ? undefined : onClose())}
        title={`${TYPES[request.type].label} for ${request.subject?.name ?? 'an erased person'}`}
      >
        <div className="grid gap-6">
          <p className="flex flex-wrap gap-2">
            <RequestBadges request={request} />
          </p>
          {mayWrite ? (
            <div className="flex flex-wrap gap-2">
              {next.map((each, index) => (
                <Button
                  key={each}
                  size="sm"
                  variant={index === 0 ? 'primary' : 'secondary'}
                  onClick={() => setStep(each)}
                >
                  {STEPS[each].action}
                </Button>
              ))}
              {request.filed_by === 'administrator' ? (
                <ExportLinks request={request} own={false} />
              ) : null}
            </div>
          ) : null}
          <RequestFacts request={request} />
        </div>
      </Drawer>
      {step === null ? null : (
        <ReasonDialog
          {...STEPS[step]}
          save={save}
          onSave={(text) => save.mutate({ step, text })}
          onClose={() => {
            save.reset();
            setStep(null);
          }}
        />
      )}
    </>
  );
}

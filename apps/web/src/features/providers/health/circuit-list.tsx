'use client';

import { closeCircuit } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleDot, CircleX } from 'lucide-react';
import { useApi } from '../../../components/api-context.ts';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { formatDuration, plural } from '../../../lib/format.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { problemText } from '../../../lib/problem-text.ts';
import { useNow } from '../../../lib/use-now.ts';
import { useMay } from '../../session/use-session.ts';
import { refText, type Circuit } from '../provider-types.ts';

const LOOKS: Record<Circuit['state'], { label: string; tone: Tone; Icon: typeof CircleX }> = {
  closed: { label: 'Closed, calls pass', tone: 'ok', Icon: CircleCheck },
  half_open: { label: 'Half open, one probe', tone: 'warn', Icon: CircleDot },
  open: { label: 'Open, calls are passed over', tone: 'bad', Icon: CircleX },
};

function Retry({ at }: { at: string }) {
  const now = useNow(1000);
  const left = Date.parse(at) - now;
  return (
    <>{left <= 0 ? 'A probe is due now.' : `A probe is let through in ${formatDuration(left)}.`}</>
  );
}

function CircuitRow({ circuit, mayWrite }: { circuit: Circuit; mayWrite: boolean }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const close = useMutation({
    mutationFn: () =>
      closeCircuit({
        client,
        path: { circuit_id: circuit.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: `Calls go to ${refText(circuit)} again` });
      void queries.invalidateQueries({ queryKey: ['providers', 'health'] });
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'It could not be closed', detail: problemText(error) }),
  });
  const { label, tone, Icon } = LOOKS[circuit.state];
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-5 py-3.5 text-sm">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Badge tone={tone} icon={<Icon aria-hidden className="size-3.5" />}>
            {label}
          </Badge>
          <span className="font-mono text-[0.8125rem] wrap-anywhere">{refText(circuit)}</span>
        </p>
        {circuit.reason === null ? null : <p className="mt-1 wrap-anywhere">{circuit.reason}</p>}
        <p className="mt-0.5 text-[0.8125rem] text-ink-soft">
          Key {circuit.credential}, {plural(circuit.failures, 'failure')} in a row
          {circuit.opened_at === null ? null : (
            <>
              , open since <RelativeTime time={circuit.opened_at} />
            </>
          )}
          . {circuit.retry_at === null ? null : <Retry at={circuit.retry_at} />}
        </p>
      </div>
      {mayWrite && circuit.state !== 'closed' ? (
        <Button
          size="sm"
          pending={close.isPending}
          onClick={() => close.mutate()}
          aria-label={`Close the circuit of ${refText(circuit)}`}
        >
          Close the circuit
        </Button>
      ) : null}
    </li>
  );
}

/** Circuits with the reason they are open for, and the button that closes one, e.g. after a top-up. */
export function CircuitList({ circuits }: { circuits: readonly Circuit[] }) {
  const mayWrite = useMay('providers:write');
  return (
    <ul aria-label="Circuits" className="divide-y divide-line">
      {circuits.map((circuit) => (
        <CircuitRow key={circuit.id} circuit={circuit} mayWrite={mayWrite} />
      ))}
    </ul>
  );
}

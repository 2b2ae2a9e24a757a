'use client';

import { signalRun } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Textarea } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

function parsed(text: string): { payload: unknown } | { error: string } {
  if (text.trim() === '') return { payload: null };
  try {
    return { payload: JSON.parse(text) as unknown };
  } catch (error) {
    return { error: `This is not valid JSON: ${error instanceof Error ? error.message : ''}` };
  }
}

/** Sends what a step waits for. */
export function SignalDialog({
  runId,
  name: awaited,
  onClose,
}: {
  runId: string;
  name: string;
  onClose: () => void;
}) {
  const client = useApi();
  const notify = useToast();
  const [name, setName] = useState(awaited);
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string>();
  const send = useMutation({
    mutationFn: async (payload: unknown) => {
      const body = { name: name.trim(), payload } as Parameters<typeof signalRun>[0]['body'];
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return await signalRun({ client, path: { run_id: runId }, body, headers });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: 'Signal sent' });
      onClose();
    },
  });
  const submit = () => {
    const result = parsed(text);
    setWrong('error' in result ? result.error : undefined);
    if ('payload' in result) send.mutate(result.payload);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Send a signal"
      description="A step of this run waits for it and goes on with what you send."
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Name">
          {(wiring) => (
            <Input
              control={wiring}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Payload" help="JSON that the step hands on." error={wrong} optional>
          {(wiring) => (
            <Textarea
              control={wiring}
              rows={5}
              spellCheck={false}
              className="font-mono"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {send.isError ? (
          <ErrorState compact what="The signal was not sent" error={send.error} />
        ) : null}
        <Button
          type="submit"
          variant="primary"
          pending={send.isPending}
          disabled={name.trim() === ''}
        >
          <Send aria-hidden className="size-4" /> Send
        </Button>
      </form>
    </Dialog>
  );
}

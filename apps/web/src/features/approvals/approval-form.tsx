'use client';

import { decideApproval, isApiProblem, type Approval } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { useMemo } from 'react';
import { useForm } from 'react-hook-form';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Textarea } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { errorsByField, inputFields, toInputs, type FormValues } from '../recipes/input-fields.ts';
import { problemText } from '../../lib/problem-text.ts';
import { fieldsResolver, JsonFields } from './json-fields.tsx';
import { APPROVALS_KEY } from './approval-queries.ts';

/** No name of a field in a JSON schema that a recipe may use looks like this. */
const COMMENT = 'comment of the decision';
type Decision = 'approve' | 'reject';

function useDecision(approval: Approval) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async (decided: {
      decision: Decision;
      comment: string;
      values: Record<string, unknown>;
    }) => {
      const comment = decided.comment.trim();
      const body = {
        decision: decided.decision,
        ...(comment === '' ? {} : { comment }),
        ...(Object.keys(decided.values).length === 0 ? {} : { values: decided.values }),
      } as Parameters<typeof decideApproval>[0]['body'];
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await decideApproval({ client, path: { approval_id: approval.id }, body, headers }))
        .data;
    },
    onSuccess: (decided) =>
      notify({
        kind: 'success',
        title: decided.status === 'approved' ? 'Approved; the run goes on' : 'Rejected',
      }),
    // The question may go with the decision of somebody else before the refusal under it is read.
    onError: (error) => {
      if (isApiProblem(error) && error.status === 409)
        notify({ kind: 'error', title: 'Too late', detail: problemText(error) });
    },
    // Also after a refusal: somebody else may have decided.
    onSettled: () => void queries.invalidateQueries({ queryKey: APPROVALS_KEY }),
  });
}

/** Somebody else was faster, or the time is over: nothing is wrong, but nothing was changed either. */
function Refusal({ error }: { error: unknown }) {
  if (!isApiProblem(error) || error.status !== 409) {
    return <ErrorState compact what="The decision was not taken" error={error} />;
  }
  return (
    <p role="alert" className="rounded-lg bg-warn-soft px-4 py-3 text-sm wrap-anywhere">
      <span className="font-semibold">Too late.</span> {error.detail}
      {error.requestId === null ? null : (
        <span className="mt-1 block font-mono text-xs">request {error.requestId}</span>
      )}
    </p>
  );
}

/** Values that the question asks for, a comment, and the two answers. */
export function ApprovalForm({ approval }: { approval: Approval }) {
  const fields = useMemo(() => inputFields(approval.fields), [approval.fields]);
  const decide = useDecision(approval);
  const { register, control, handleSubmit, getValues, setError, formState } = useForm<FormValues>({
    defaultValues: {
      [COMMENT]: '',
      ...Object.fromEntries(fields.map((field) => [field.name, field.initial])),
    },
    resolver: fieldsResolver(fields),
  });
  const send = (decision: Decision, form: FormValues) =>
    decide.mutate(
      {
        decision,
        comment: String(form[COMMENT] ?? ''),
        values: decision === 'approve' ? toInputs(fields, form).inputs : {},
      },
      {
        onError: (error) => {
          const { byField } = errorsByField(fields, isApiProblem(error) ? error.errors : []);
          for (const [name, message] of Object.entries(byField))
            setError(name, { type: 'server', message }, { shouldFocus: true });
        },
      },
    );
  const approve = handleSubmit(() => send('approve', getValues()));
  const deciding = (decision: Decision) =>
    decide.isPending && decide.variables.decision === decision;
  return (
    <form noValidate className="grid gap-4" onSubmit={(event) => void approve(event)}>
      <JsonFields fields={fields} register={register} control={control} errors={formState.errors} />
      <Field label="Comment" optional>
        {(wiring) => <Textarea control={wiring} rows={2} {...register(COMMENT)} />}
      </Field>
      {decide.isError ? <Refusal error={decide.error} /> : null}
      <div className="flex flex-wrap gap-2">
        <Button
          type="submit"
          variant="primary"
          pending={deciding('approve')}
          disabled={decide.isPending}
        >
          <Check aria-hidden className="size-4" /> Approve
        </Button>
        <Button
          variant="danger"
          pending={deciding('reject')}
          disabled={decide.isPending}
          onClick={() => send('reject', getValues())}
        >
          <X aria-hidden className="size-4" /> Reject
        </Button>
      </div>
    </form>
  );
}

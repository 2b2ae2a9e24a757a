'use client';

import {
  createAgent,
  getAgent,
  isApiProblem,
  setAgentStatus,
  updateAgent,
  type Agent,
} from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { PageHeader } from '../../../components/ui/page-header.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { useLeaveGuard } from '../../../lib/use-leave-guard.ts';
import {
  draftOf,
  EMPTY_DRAFT,
  problemsOfStep,
  STEP_LABELS,
  stepOfPointer,
  STEPS,
  type AgentDraft,
  type Problems,
  type WizardStep,
} from './agent-draft.ts';
import { BasicsStep } from './basics-step.tsx';
import { Stepper } from './stepper.tsx';

const loading = () => <SkeletonList label="step" rows={3} height="h-14" />;
// Only the first step is needed at first.
const PersonaStep = dynamic(async () => (await import('./persona-step.tsx')).PersonaStep, {
  loading,
});
const ModelStep = dynamic(async () => (await import('./model-step.tsx')).ModelStep, { loading });
const CapabilitiesStep = dynamic(
  async () => (await import('./capabilities-step.tsx')).CapabilitiesStep,
  { loading },
);
const ReviewStep = dynamic(async () => (await import('./review-step.tsx')).ReviewStep, { loading });
const LeaveDialog = dynamic(
  async () => (await import('../../../components/ui/confirm-dialog.tsx')).ConfirmDialog,
  { ssr: false },
);

function useSave(draft: AgentDraft, agent: Agent | null, onSaved: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  return useMutation({
    mutationFn: async (activate: boolean) => {
      const headers = () => ({ 'Idempotency-Key': newIdempotencyKey() });
      if (agent !== null) {
        const path = { agent_id: agent.id };
        const match = { ...headers(), 'If-Match': `"${agent.version}"` };
        return (await updateAgent({ client, path, body: draft, headers: match })).data;
      }
      const made = (await createAgent({ client, body: draft, headers: headers() })).data;
      if (!activate) return made;
      const path = { agent_id: made.id };
      const body = { status: 'active' as const };
      return (await setAgentStatus({ client, path, body, headers: headers() })).data;
    },
    onSuccess: (saved) => {
      const title =
        agent === null
          ? `${saved.name} is ${saved.status === 'active' ? 'made and active' : 'saved as a draft'}`
          : `Version ${saved.version} is saved and used by the next run`;
      notify({ kind: 'success', title });
      void queries.invalidateQueries({ queryKey: ['agents'] });
      onSaved();
      router.push(`/agents/${saved.slug}`);
    },
  });
}

/** What the server refused, by the field it is about. */
function refusals(error: unknown): Problems {
  if (!isApiProblem(error)) return {};
  return Object.fromEntries(error.errors.map(({ pointer, message }) => [pointer, message]));
}

function Wizard({ agent, initial }: { agent: Agent | null; initial: AgentDraft }) {
  const router = useRouter();
  const [draft, setDraft] = useState(initial);
  const [step, setStep] = useState<WizardStep>('basics');
  const [reached, setReached] = useState(agent === null ? 0 : STEPS.length - 1);
  const [own, setOwn] = useState<Problems>({});
  const [saved, setSaved] = useState(false);
  const save = useSave(draft, agent, () => setSaved(true));
  const { wanted, stay } = useLeaveGuard(draft !== initial && !saved);
  const refused = refusals(save.error);
  const problems = { ...refused, ...own };
  const faulty = new Set(Object.keys(problems).map(stepOfPointer));
  const at = STEPS.indexOf(step);
  const go = (next: WizardStep) => {
    const missing = STEPS.indexOf(next) > at ? problemsOfStep(step, draft) : {};
    setOwn(missing);
    if (Object.keys(missing).length > 0) return;
    setStep(next);
    setReached(Math.max(reached, STEPS.indexOf(next)));
    window.scrollTo({ top: 0 });
  };
  const props = {
    draft,
    problems,
    change: (changes: Partial<AgentDraft>) => setDraft((before) => ({ ...before, ...changes })),
  };
  return (
    <>
      <Stepper current={step} reached={reached} faulty={faulty} onGo={go} />
      <Card className="p-5 sm:p-7">
        <h2 className="mb-5 text-lg font-semibold">{STEP_LABELS[step]}</h2>
        {step === 'basics' ? <BasicsStep {...props} isNew={agent === null} /> : null}
        {step === 'persona' ? <PersonaStep {...props} /> : null}
        {step === 'model' ? <ModelStep {...props} /> : null}
        {step === 'capabilities' ? <CapabilitiesStep {...props} /> : null}
        {step === 'review' ? <ReviewStep draft={draft} agent={agent} onGo={go} /> : null}
      </Card>
      {save.isError ? (
        <div className="mt-5">
          <ErrorState
            compact
            what={
              isApiProblem(save.error) && save.error.status === 412
                ? 'Somebody else changed this agent meanwhile; open it again to see what'
                : 'The agent could not be saved'
            }
            error={save.error}
          />
        </div>
      ) : null}
      <div className="mt-6 flex flex-wrap justify-between gap-3">
        <Button disabled={at === 0} onClick={() => go(STEPS[at - 1] ?? 'basics')}>
          Back
        </Button>
        <div className="flex flex-wrap gap-2">
          {step === 'review' && agent === null ? (
            <Button
              pending={save.isPending && save.variables === false}
              onClick={() => save.mutate(false)}
            >
              Save as a draft
            </Button>
          ) : null}
          {step === 'review' || agent !== null ? (
            <Button
              variant="primary"
              pending={save.isPending && save.variables === true}
              onClick={() => save.mutate(true)}
            >
              {agent === null ? 'Create and activate' : 'Save the agent'}
            </Button>
          ) : null}
          {step === 'review' ? null : (
            <Button
              variant={agent === null ? 'primary' : 'secondary'}
              onClick={() => go(STEPS[at + 1] ?? 'review')}
            >
              Next: {STEP_LABELS[STEPS[at + 1] ?? 'review']}
            </Button>
          )}
        </div>
      </div>
      {wanted === null ? null : (
        <LeaveDialog
          title="Leave without saving?"
          description="What you entered here is not saved."
          action="Leave"
          pending={false}
          error={null}
          onConfirm={() => {
            setSaved(true);
            router.push(wanted);
          }}
          onClose={stay}
        />
      )}
    </>
  );
}

/** Five steps to a new agent, or through one that is there; `slug` null makes a new one. */
export function AgentWizard({ slug }: { slug: string | null }) {
  const client = useApi();
  const agent = useQuery({
    queryKey: ['agents', 'one', slug],
    queryFn: async ({ signal }) =>
      (await getAgent({ client, path: { agent_id: slug ?? '' }, signal })).data,
    enabled: slug !== null,
    // What is being edited must not be replaced under the hands of who edits it.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return (
    <div className="mx-auto max-w-4xl">
      <Link
        href={slug === null ? '/agents' : `/agents/${slug}`}
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> {slug === null ? 'Agents' : slug}
      </Link>
      <PageHeader title={slug === null ? 'New agent' : `Edit ${agent.data?.name ?? slug}`} />
      {agent.isError ? (
        <ErrorState
          what="The agent could not be loaded"
          error={agent.error}
          onRetry={() => void agent.refetch()}
        />
      ) : slug === null ? (
        <Wizard agent={null} initial={EMPTY_DRAFT} />
      ) : agent.data === undefined ? (
        <SkeletonList label="agent" rows={3} height="h-24" />
      ) : (
        <Wizard key={agent.data.version} agent={agent.data} initial={draftOf(agent.data)} />
      )}
    </div>
  );
}

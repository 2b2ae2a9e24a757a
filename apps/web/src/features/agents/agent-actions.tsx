'use client';

import { cloneAgent, deleteAgent, setAgentStatus, type Agent } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Copy, Download, Pause, PencilLine, Play, Power, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button, ButtonLink, IconButton } from '../../components/ui/button.tsx';
import { DeleteDialog } from '../../components/ui/delete-dialog.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { useMay, useWorkspaceHref } from '../session/use-session.ts';

type Wanted = 'active' | 'paused' | 'retired';

/** Moves that the lifecycle knows: draft → active ⇄ paused → retired. */
const MOVES: Record<Agent['status'], readonly { to: Wanted; label: string; icon: typeof Play }[]> =
  {
    draft: [{ to: 'active', label: 'Activate', icon: Power }],
    active: [{ to: 'paused', label: 'Pause', icon: Pause }],
    busy: [{ to: 'paused', label: 'Pause', icon: Pause }],
    paused: [
      { to: 'active', label: 'Activate', icon: Power },
      { to: 'retired', label: 'Retire', icon: Power },
    ],
    error: [{ to: 'active', label: 'Activate again', icon: Power }],
    retired: [],
  };

function DeleteAgent({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useApi();
  return (
    <DeleteDialog
      name={agent.name}
      what="agent"
      description="Its versions and settings go with it; runs that it took part in stay. An agent that a recipe or a pattern uses cannot be deleted."
      area="agents"
      remove={() =>
        deleteAgent({
          client,
          path: { agent_id: agent.id },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      }
      goTo="/agents"
      onClose={onClose}
    />
  );
}

function useMove(agent: Agent) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: (status: Wanted) =>
      setAgentStatus({
        client,
        path: { agent_id: agent.id },
        body: { status },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: (_answer, status) =>
      notify({ kind: 'success', title: `${agent.name} is ${status}` }),
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The status could not be changed',
        detail: problemText(error),
      }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['agents'] }),
  });
}

function useClone(agent: Agent) {
  const client = useApi();
  const queries = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  return useMutation({
    mutationFn: async () =>
      (
        await cloneAgent({
          client,
          path: { agent_id: agent.id },
          body: {},
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSuccess: (copy) => {
      void queries.invalidateQueries({ queryKey: ['agents'] });
      notify({ kind: 'success', title: `${copy.name} is a draft of its own now` });
      router.push(`/agents/${copy.slug}/edit`);
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'The agent could not be copied', detail: problemText(error) }),
  });
}

/** What can be done with an agent, as far as one may. */
export function AgentActions({ agent, onWork }: { agent: Agent; onWork: () => void }) {
  const href = useWorkspaceHref();
  const mayWrite = useMay('agents:write');
  const mayRun = useMay('tasks:run');
  const [deleting, setDeleting] = useState(false);
  const move = useMove(agent);
  const clone = useClone(agent);
  const works = agent.status === 'active' || agent.status === 'busy';
  return (
    <>
      {mayRun && works ? (
        <Button variant="primary" onClick={onWork}>
          <Play aria-hidden className="size-4" /> Give it work
        </Button>
      ) : null}
      {mayWrite ? (
        <>
          {MOVES[agent.status].map(({ to, label, icon: Icon }) => (
            <Button
              key={to}
              pending={move.isPending && move.variables === to}
              onClick={() => move.mutate(to)}
            >
              <Icon aria-hidden className="size-4" /> {label}
            </Button>
          ))}
          <ButtonLink href={`/agents/${agent.slug}/edit`}>
            <PencilLine aria-hidden className="size-4" /> Edit
          </ButtonLink>
          <IconButton label="Copy the agent" onClick={() => clone.mutate()}>
            <Copy aria-hidden className="size-5" />
          </IconButton>
        </>
      ) : null}
      <a
        href={href(`/api/agents/${agent.slug}/export?format=yaml`)}
        download={`${agent.slug}.yaml`}
        aria-label="Export the agent as YAML"
        title="Export as YAML"
        className="inline-flex size-11 items-center justify-center rounded-lg hover:bg-sunken sm:size-10"
      >
        <Download aria-hidden className="size-5" />
      </a>
      {mayWrite ? (
        <IconButton label="Delete the agent" onClick={() => setDeleting(true)}>
          <Trash2 aria-hidden className="size-5" />
        </IconButton>
      ) : null}
      {deleting ? <DeleteAgent agent={agent} onClose={() => setDeleting(false)} /> : null}
    </>
  );
}

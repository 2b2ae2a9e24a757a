import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { Caller, Tenant, TwoWorkspaces } from './two-workspaces.fixture.ts';

interface Frame {
  op: string;
  room?: string;
  code?: string;
  event?: { type: string; run_id?: string };
}

/** A WebSocket that remembers all it hears. */
export interface Ear {
  frames: Frame[];
  /** The answer to a subscription: `subscribed` or `error`. */
  subscribe(room: string, resumeAfter?: number): Promise<Frame>;
  /** The first frame that fits, come or yet to come. */
  until(fits: (frame: Frame) => boolean): Promise<Frame>;
  close(): void;
}

/** How the caller proves itself: by header or cookie, or by a ticket. */
export type Way = 'proof' | 'ticket';

export async function openEar(
  world: TwoWorkspaces,
  of: { tenant: Tenant; caller: Caller; way: Way },
): Promise<Ear> {
  const proof = { ...world.proof(of.tenant, of.caller), origin: world.url };
  const protocols = ['automatos'];
  if (of.way === 'ticket') protocols.push(`ticket.${await newTicket(world, proof)}`);
  const socket = new WebSocket(`ws://127.0.0.1:${world.port}/ws`, protocols, {
    headers: of.way === 'ticket' ? { origin: world.url } : proof,
  });
  const frames: Frame[] = [];
  let wake = Promise.withResolvers<void>();
  socket.on('message', (data) => {
    frames.push(JSON.parse((data as Buffer).toString('utf8')) as Frame);
    wake.resolve();
    wake = Promise.withResolvers();
  });
  await once(socket, 'open');
  async function until(fits: (frame: Frame) => boolean, from = 0): Promise<Frame> {
    for (;;) {
      const found = frames.slice(from).find(fits);
      if (found !== undefined) return found;
      await wake.promise;
    }
  }
  return {
    frames,
    until: (fits) => until(fits),
    subscribe(room, resumeAfter = 0) {
      const from = frames.length;
      socket.send(JSON.stringify({ op: 'subscribe', room, resume_after: resumeAfter }));
      return until(
        (frame) => ['subscribed', 'error'].includes(frame.op) && frame.room === room,
        from,
      );
    },
    close: () => socket.terminate(),
  };
}

export async function newTicket(
  world: TwoWorkspaces,
  proof: Record<string, string>,
): Promise<string> {
  const reply = await world.inject({ method: 'POST', url: '/api/auth/ticket', headers: proof });
  return reply.json<{ ticket: string }>().ticket;
}

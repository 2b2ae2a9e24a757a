import type { Clock } from '@automatos/kernel';
import type { Outbound } from '../calls/connection-pools.ts';
import type { Attempted, Candidate } from '../router/ports.ts';
import { passChat } from './pass-chat.ts';
import type { PassRequest } from './pass-chat.ts';
import type { PassTarget, PassedAnswer } from './ports.ts';
import { createPoster } from './post-bytes.ts';

/** Passes chat requests in OpenAI's wire to providers that speak it, body and answer as they are. */
export interface ChatPassthrough {
  /** One attempt at one candidate, for `Router.route`; typed errors as those of a call. */
  send(
    candidate: Candidate,
    request: PassRequest,
    target: PassTarget,
  ): Promise<Attempted<PassedAnswer>>;
  close(): Promise<void>;
}

/** Creates the passthrough with connections of its own. */
export function createChatPassthrough(deps: {
  clock: Clock;
  /** Where it may connect to; default: everywhere. */
  outbound?: Outbound;
}): ChatPassthrough {
  const poster = createPoster(deps.outbound);
  return {
    send: (candidate, request, target) =>
      passChat({ poster, clock: deps.clock }, { candidate, request, target }),
    close: () => poster.close(),
  };
}

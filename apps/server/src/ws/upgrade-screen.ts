import type { IncomingMessage } from 'node:http';
import { attackRefused, keptOut } from '@automatos/identity';
import type { RequestFacts } from '@automatos/identity';
import { newId } from '@automatos/kernel';
import type { Authentication } from '../http/authenticator.ts';
import { clientAddress, type TrustTest } from '../http/client-address.ts';
import { flatHeaders } from '../http/edge-state.ts';
import { callerOf, type ThreatGuard } from '../http/threat-hooks.ts';

/** Looks at a WebSocket upgrade like at a request. Throws what refuses it. */
export interface UpgradeScreen {
  before(request: IncomingMessage): void;
  after(
    request: IncomingMessage,
    result: { authentication: Authentication | null; status: number },
  ): void;
}

export function createUpgradeScreen(threats: ThreatGuard, isTrusted: TrustTest): UpgradeScreen {
  const toFacts = (
    request: IncomingMessage,
    authentication: Authentication | null,
  ): RequestFacts => {
    const headers = flatHeaders(request);
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const peer = request.socket.remoteAddress;
    return {
      requestId: newId(),
      method: 'GET',
      route: path === '/ws' ? '/ws' : null,
      area: 'realtime',
      operationId: '',
      path,
      query: Object.fromEntries(new URLSearchParams(query)),
      headers,
      body: undefined,
      address: clientAddress(peer, headers['x-forwarded-for'], isTrusted),
      caller: callerOf(authentication),
    };
  };
  return {
    before(request) {
      const facts = toFacts(request, null);
      const block = threats.blockOf(facts);
      if (block !== undefined) throw keptOut(block, facts.requestId);
    },
    after(request, { authentication, status }) {
      const facts = toFacts(request, authentication);
      const block = authentication === null ? undefined : threats.blockOf(facts);
      const assessment = threats.assess(facts);
      const refuses = assessment?.enforced === true && assessment.action === 'block';
      const isRefused = status < 400 && (block !== undefined || refuses);
      threats.finish(facts, assessment, {
        status: isRefused ? 403 : status,
        isLate: status >= 400,
      });
      if (status >= 400) return;
      if (block !== undefined) throw keptOut(block, facts.requestId);
      if (refuses && assessment !== null) throw attackRefused(assessment);
    },
  };
}

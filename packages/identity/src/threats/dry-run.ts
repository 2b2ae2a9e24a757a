import type { Call, Handler, ThreatReason, securityRoutes } from '@automatos/contracts';
import type { Clock } from '@automatos/kernel';
import { matchRules } from './match-rules.ts';
import { actionOf, combine, levelOf } from './score.ts';
import { collectTexts } from './texts/collect-texts.ts';
import type { FoundText } from './texts/collect-texts.ts';
import type { ThreatState } from './threat-state.ts';

type AssessCall = Call<typeof securityRoutes.assess>;

/** Shows what the patterns make of a text or a request; what its sender did before has no part in it. */
export function createDryRun(deps: {
  clock: Clock;
  state: Pick<ThreatState, 'settingsOf'>;
}): Handler<typeof securityRoutes.assess> {
  return ({ body, workspaceId }) => {
    const settings = deps.state.settingsOf(workspaceId);
    const startedAt = performance.now();
    const findings = matchRules(textsOf(body), new Set(settings.disabled_categories));
    const durationUs = Math.round((performance.now() - startedAt) * 1_000);
    const score = combine(findings);
    const level = levelOf(score, settings.thresholds);
    const acting = combine(findings.filter(({ inText }) => !inText));
    const action = actionOf(levelOf(acting, settings.thresholds), { isPerson: true });
    const reasons = findings
      .toSorted((a, b) => b.points - a.points)
      .map(({ inText: _inText, ...reason }): ThreatReason => reason);
    return Promise.resolve({ body: { score, level, action, duration_us: durationUs, reasons } });
  };
}

function textsOf({ text, request }: AssessCall['body']): FoundText[] {
  if (request === undefined)
    return [{ text: text ?? '', place: 'text', where: 'text', profile: 'text' }];
  const [path = '', ...rest] = request.url.split('?');
  return collectTexts({
    area: '',
    operationId: '',
    path,
    query: Object.fromEntries(new URLSearchParams(rest.join('?'))),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: request.body,
  });
}

import type { OutsideIssuers } from '../oidc/outside-issuers.ts';
import type { OutsidePeople } from '../oidc/outside-people.ts';
import { tokenRevoked } from '../tokens/token-errors.ts';
import { chooseWorkspace } from './resolve-workspace.ts';
import { principalOf } from './types.ts';
import type { Authentication, AuthenticationDeps, Credentials } from './types.ts';

/** Who a token of another issuer speaks of; a person who is new here joins where they may. */
export async function byIssuer(
  deps: AuthenticationDeps & { outside: OutsideIssuers; people: OutsidePeople },
  token: string,
  request: Credentials,
): Promise<Authentication> {
  const person = await deps.outside.verify(token);
  const found = (await deps.people.find(person)) ?? (await deps.people.join(person, request));
  if (found.isDisabled) throw tokenRevoked();
  const workspace = chooseWorkspace(found.memberships, request, deps.defaultWorkspaceId);
  const { id, name, platformAdmin } = found;
  return {
    principal: principalOf({ kind: 'user', id, name, role: workspace.role, platformAdmin }),
    workspaceId: workspace.id,
    viaCookie: false,
    ...(person.provenAtMs === undefined ? {} : { verifiedAt: person.provenAtMs }),
  };
}

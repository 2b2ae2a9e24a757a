import { parseArgs } from 'node:util';
import {
  createInvitation,
  listInvitations,
  listMembers,
  removeMember,
  revokeInvitation,
  updateMember,
} from '@automatos/sdk';
import type { CreateInvitationData, ListInvitationsData } from '@automatos/sdk';
import { UsageError } from '../exit-codes.ts';
import { day, minute, print, tableOf } from '../print.ts';
import { COMMON_OPTIONS, type Shell } from '../shell.ts';
import { allOf, findMemberId, openWorkspace } from '../workspace-target.ts';

type Role = NonNullable<CreateInvitationData['body']['role']>;
const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'viewer'];

const MEMBER_OPTIONS = { ...COMMON_OPTIONS, search: { type: 'string' } } as const;

/** `automatos members list | set-role <person> <role> | remove <person>`; a person is an e-mail address or an id. */
export async function membersCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: MEMBER_OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', person, role] = positionals;
  if (!['list', 'set-role', 'remove'].includes(action))
    throw new UsageError(`members knows list, set-role and remove, not "${action}".`);
  if (action !== 'list' && person === undefined)
    throw new UsageError(
      `automatos members ${action} <e-mail>${action === 'remove' ? '' : ' <role>'}`,
    );
  const wanted = action === 'set-role' ? readRole(role) : undefined;
  const connection = await openWorkspace(shell, values);
  const { client, workspace } = connection;
  if (person === undefined || action === 'list') {
    const query = { limit: 100, ...(values.search === undefined ? {} : { search: values.search }) };
    const path = { workspace_id: workspace };
    const items = await allOf((cursor) =>
      listMembers({ client, path, query: { ...query, ...cursor } }),
    );
    const rows = items.map((one) => [
      one.user_id,
      one.role,
      one.mfa ? 'yes' : 'no',
      minute(one.last_seen_at),
      one.email,
      one.name,
    ]);
    const head = ['ID', 'ROLE', 'MFA', 'SEEN', 'E-MAIL', 'NAME'];
    return print({ shell, json: values.json }, { items }, tableOf(head, rows, 'Nobody.'));
  }
  const path = { workspace_id: workspace, user_id: await findMemberId(connection, person) };
  if (wanted !== undefined) {
    const { data } = await updateMember({ client, path, body: { role: wanted } });
    return print({ shell, json: values.json }, data, `${data.email} is ${data.role}\n`);
  }
  await removeMember({ client, path });
  return print({ shell, json: values.json }, { removed: path.user_id }, 'removed\n');
}

function readRole(text: string | undefined): Role {
  const role = ROLES.find((each) => each === text);
  if (role === undefined)
    throw new UsageError(`A role is one of ${ROLES.join(', ')}, not "${text ?? ''}".`);
  return role;
}

const INVITATION_OPTIONS = {
  ...COMMON_OPTIONS,
  role: { type: 'string', default: 'member' },
  days: { type: 'string', default: '7' },
  state: { type: 'string' },
} as const;

/** `automatos invitations list | create <e-mail> [--role r] [--days n] | revoke <id>`; the link is shown once. */
export async function invitationsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: INVITATION_OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', subject] = positionals;
  if (!['list', 'create', 'revoke'].includes(action))
    throw new UsageError(`invitations knows list, create and revoke, not "${action}".`);
  if (action !== 'list' && subject === undefined)
    throw new UsageError(
      `automatos invitations ${action} <${action === 'create' ? 'e-mail' : 'id'}>`,
    );
  const role = readRole(values.role);
  const { client, workspace } = await openWorkspace(shell, values);
  const path = { workspace_id: workspace };
  if (subject === undefined || action === 'list') {
    const state = values.state as NonNullable<ListInvitationsData['query']>['state'];
    const query = { limit: 100, ...(state === undefined ? {} : { state }) };
    const items = await allOf((cursor) =>
      listInvitations({ client, path, query: { ...query, ...cursor } }),
    );
    const rows = items.map((one) => [
      one.id,
      one.state,
      one.role,
      day(one.expires_at),
      one.email,
      one.invited_by,
    ]);
    const head = ['ID', 'STATE', 'ROLE', 'UNTIL', 'E-MAIL', 'BY'];
    return print({ shell, json: values.json }, { items }, tableOf(head, rows, 'No invitations.'));
  }
  if (action === 'create') {
    const body = { email: subject, role, expires_in_days: Number(values.days) };
    const { data } = await createInvitation({ client, path, body });
    return print(
      { shell, json: values.json },
      data,
      `${data.url}\nPass this link on; it is shown only now and good until ${minute(data.expires_at)} UTC.\n`,
    );
  }
  await revokeInvitation({ client, path: { ...path, invitation_id: subject } });
  return print({ shell, json: values.json }, { revoked: subject }, 'revoked\n');
}

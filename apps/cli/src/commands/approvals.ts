import { parseArgs } from 'node:util';
import type { JsonObject } from '@automatos/kernel';
import { decideApproval, listApprovals } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, type Shell } from '../shell.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  comment: { type: 'string' },
  values: { type: 'string' },
  all: { type: 'boolean', default: false },
} as const;

/** `automatos approvals list | approve <id> | reject <id>`. */
export async function approvalsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', id] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') {
    const { data } = await listApprovals({
      client,
      query: { limit: 100, ...(values.all ? {} : { status: 'open' as const }) },
    });
    if (values.json) shell.out(`${JSON.stringify(data)}\n`);
    else if (data.items.length === 0) shell.out('Nothing waits for a decision.\n');
    else {
      const rows = data.items.map((approval) => [
        approval.id,
        approval.status,
        approval.due_at.slice(0, 16).replace('T', ' '),
        approval.run_title,
        approval.title,
      ]);
      shell.out(formatTable([['ID', 'STATUS', 'UNTIL (UTC)', 'RUN', 'QUESTION'], ...rows]));
    }
    return EXIT.completed;
  }
  if (action !== 'approve' && action !== 'reject')
    throw new UsageError(`approvals knows list, approve and reject, not "${action}".`);
  if (id === undefined) throw new UsageError(`Name it: automatos approvals ${action} <id>`);
  const { data } = await decideApproval({
    client,
    path: { approval_id: id },
    body: {
      decision: action,
      ...(values.comment === undefined ? {} : { comment: values.comment }),
      ...(values.values === undefined ? {} : { values: toObject(values.values) }),
    },
  });
  shell.out(values.json ? `${JSON.stringify(data)}\n` : `${data.title}: ${data.status}\n`);
  return EXIT.completed;
}

function toObject(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw new UsageError(`--values holds no valid JSON: ${(error as Error).message}.`);
  }
}

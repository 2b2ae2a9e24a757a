import { createCorrector } from '@automatos/database';
import type { Database, PersonalDataHolder, PersonalSubject } from '@automatos/database';
import type { DataRequest } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';

export interface CorrectDeps {
  database: Database;
  holders: readonly PersonalDataHolder[];
}

export interface Corrections {
  corrections: NonNullable<DataRequest['corrections']>;
  /** Where wrong words are replaced; name and address are, wherever the person is. */
  workspaceId: WorkspaceId;
}

/** Words shorter than that mean too much else to be replaced everywhere. */
const WORDS_MIN = 4;

/**
 * Corrects the account, the copies of its name and address, and words in texts of the workspace. Text is replaced where it stands as
 * whole words.
 */
export async function correctPerson(
  { database, holders }: CorrectDeps,
  subject: PersonalSubject,
  { corrections, workspaceId }: Corrections,
): Promise<JsonObject> {
  const { name, email } = corrections;
  const [oldEmail = ''] = subject.emails;
  const [oldName = ''] = subject.names;
  if (name !== undefined || email !== undefined)
    await changeAccount(database, subject.userId, { name, email });
  const copies = [
    ...(email === undefined ? [] : [{ wrong: oldEmail, right: email.toLowerCase() }]),
    ...(name === undefined || !/\s/u.test(oldName.trim()) ? [] : [{ wrong: oldName, right: name }]),
  ].filter(({ wrong }) => wrong.length >= WORDS_MIN);
  const rows: Record<string, JsonObject> = {};
  const passes = [
    {
      subject: { ...subject, workspaces: [workspaceId], account: false },
      texts: corrections.texts ?? [],
    },
    { subject, texts: copies },
  ];
  for (const pass of passes.filter((each) => each.texts.length > 0)) {
    const corrector = createCorrector(pass.texts);
    for (const holder of holders) {
      const done = await holder.rewrite(database.system, pass.subject, corrector);
      rows[holder.name] = { ...rows[holder.name], ...done.rows };
    }
  }
  const changed = [
    ...(name === undefined ? [] : ['name']),
    ...(email === undefined ? [] : ['email']),
  ];
  return { account: changed, texts: corrections.texts?.length ?? 0, rows };
}

async function changeAccount(
  database: Pick<Database, 'system'>,
  userId: string,
  change: { name: string | undefined; email: string | undefined },
): Promise<void> {
  const email = change.email?.toLowerCase() ?? null;
  await database.system(async (tx) => {
    const taken = await tx.execute(
      sql`SELECT id FROM users WHERE email = ${email} AND id <> ${userId} FOR UPDATE`,
    );
    if (taken.rows.length > 0) throw emailTaken();
    await tx.execute(sql`
      UPDATE users SET name = coalesce(${change.name ?? null}, name), email = coalesce(${email}, email),
        email_verified = CASE WHEN ${email}::text IS NULL THEN email_verified ELSE false END, updated_at = now()
      WHERE id = ${userId}`);
  });
}

function emailTaken(): PlatformError {
  return new PlatformError({
    code: 'identity.email.taken',
    kind: 'conflict',
    message: 'Another account has this e-mail address already.',
    errors: [{ pointer: '/corrections/email', message: 'already in use' }],
  });
}

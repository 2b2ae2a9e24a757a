import { parseArgs } from 'node:util';
import {
  createClient,
  isApiProblem,
  revokeToken,
  signIn,
  verifyMfa,
  type SignInResponses,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT } from '../exit-codes.ts';
import { print } from '../print.ts';
import { readProfile, updateProfile } from '../profile.ts';
import { COMMON_OPTIONS, type Shell } from '../shell.ts';

type Answer = SignInResponses[keyof SignInResponses];
type SignedIn = Exclude<Answer, { mfa_required: true }>;

/** `automatos login [--email e]`: asks for the password, and for a code where there is a second factor; keeps tokens, never the password. */
export async function loginCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const options = { ...COMMON_OPTIONS, email: { type: 'string' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  // Where to, and nothing of what proves somebody else.
  const { url } = connect(shell, values);
  const client = createClient({ baseUrl: url });
  const email = values.email ?? (await shell.ask('E-mail'));
  const password = await shell.ask('Password', true);
  const { data } = await signIn({ client, body: { email, password, tokens: true } });
  const signedIn: SignedIn =
    'mfa_required' in data
      ? (
          await verifyMfa({
            client,
            body: { challenge: data.challenge, code: await shell.ask('Code'), tokens: true },
          })
        ).data
      : data;
  const { tokens, user, workspace } = signedIn;
  if (tokens === undefined) throw new Error('The server gave no tokens.');
  updateProfile(shell, url, {
    email,
    refresh_token: tokens.refresh_token,
    access_token: tokens.access_token,
    access_expires_at: Date.now() + tokens.expires_in * 1000,
  });
  const result = { url, email: user?.email ?? email, workspace };
  const text = `Signed in at ${url} as ${user?.name ?? email}, workspace ${workspace.name}\n`;
  return print({ shell, json: values.json }, result, text);
}

/** `automatos logout`: ends the session and forgets its tokens, these also when the server cannot be reached. */
export async function logoutCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: COMMON_OPTIONS });
  const { url } = connect(shell, values);
  const { refresh_token: token } = readProfile(shell, url);
  if (token === undefined) {
    shell.err(`Nobody is signed in at ${url}.\n`);
    return EXIT.completed;
  }
  let ended = true;
  try {
    await revokeToken({ client: createClient({ baseUrl: url }), body: { token } });
  } catch (error) {
    if (!isApiProblem(error)) throw error;
    ended = false;
    shell.err(`The session could not be ended at the server: ${error.message}\n`);
  }
  updateProfile(shell, url, {
    email: undefined,
    refresh_token: undefined,
    access_token: undefined,
    access_expires_at: undefined,
  });
  print({ shell, json: values.json }, { url, ended }, `Signed out at ${url}\n`);
  return ended ? EXIT.completed : EXIT.unreachable;
}

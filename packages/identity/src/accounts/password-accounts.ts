import { randomBytes } from 'node:crypto';
import { betterAuth } from 'better-auth';
import { APIError } from 'better-auth/api';
import type { Database } from '@automatos/database';
import { PlatformError, newId } from '@automatos/kernel';

const SESSION_SECONDS = 7 * 24 * 3600;

export interface StartedSession {
  userId: string;
  /** The secret that the session cookie carries. */
  token: string;
  maxAgeSeconds: number;
}

/** Accounts with e-mail and password, and their sessions, kept by the auth library in our tables. */
export interface PasswordAccounts {
  signUp(input: { email: string; password: string; name: string }): Promise<StartedSession>;
  signIn(input: {
    email: string;
    password: string;
    ipAddress: string;
    userAgent: string | undefined;
  }): Promise<StartedSession>;
  endSession(token: string): Promise<void>;
}

export function createPasswordAccounts(deps: { database: Database }): PasswordAccounts {
  const auth = createAuth(deps.database);
  return {
    async signUp(input) {
      try {
        const { token, user } = await auth.api.signUpEmail({ body: input });
        if (token === null) throw new Error('the auth library started no session');
        return { userId: user.id, token, maxAgeSeconds: SESSION_SECONDS };
      } catch (error) {
        throw translate(error);
      }
    },
    async signIn({ email, password, ipAddress, userAgent }) {
      try {
        const headers = new Headers({
          'x-forwarded-for': ipAddress,
          ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
        });
        const { token, user } = await auth.api.signInEmail({ body: { email, password }, headers });
        return { userId: user.id, token, maxAgeSeconds: SESSION_SECONDS };
      } catch (error) {
        throw translate(error);
      }
    },
    async endSession(token) {
      const context = await auth.$context;
      await context.internalAdapter.deleteSession(token);
    },
  };
}

/** The auth library on our tables; its own cookies and routes are not used. */
function createAuth(database: Database) {
  return betterAuth({
    database: database.pool,
    // Signs the library's own cookies, which are never sent: our cookie carries the session token itself.
    secret: randomBytes(32).toString('hex'),
    baseURL: 'http://localhost',
    telemetry: { enabled: false },
    logger: { disabled: true },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 10,
      maxPasswordLength: 200,
      autoSignIn: true,
    },
    session: {
      modelName: 'sessions',
      expiresIn: SESSION_SECONDS,
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    user: {
      modelName: 'users',
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    account: {
      modelName: 'accounts',
      fields: {
        accountId: 'account_id',
        providerId: 'provider_id',
        userId: 'user_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: {
      modelName: 'verifications',
      fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    advanced: { database: { generateId: () => newId() } },
  });
}

function translate(error: unknown): unknown {
  if (!(error instanceof APIError)) return error;
  const code = error.body?.code;
  if (code === 'USER_ALREADY_EXISTS' || code === 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL') {
    return new PlatformError({
      code: 'identity.email.taken',
      kind: 'conflict',
      message: 'An account with this e-mail exists already; sign in instead.',
      errors: [{ pointer: '/email', message: 'already in use' }],
    });
  }
  if (code === 'INVALID_EMAIL_OR_PASSWORD') {
    return new PlatformError({
      code: 'identity.sign_in.rejected',
      kind: 'unauthenticated',
      message: 'E-mail or password is wrong.',
    });
  }
  return new PlatformError({
    code: 'identity.account.refused',
    kind: 'invalid-input',
    message: error.body?.message ?? 'The account could not be used.',
    cause: error,
  });
}

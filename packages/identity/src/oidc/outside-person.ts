import type { JWTPayload } from 'jose';
import { z } from 'zod';

/** What another issuer says of a person, once it was proven. */
export interface OutsidePerson {
  /** Without a slash at the end; with the subject it says who it is, whatever the address of the person. */
  issuer: string;
  subject: string;
  /** Lower case. */
  email: string | undefined;
  /** Only a plain `true` of the issuer. */
  isEmailVerified: boolean;
  name: string | undefined;
  /** When the person proved themselves there; undefined when the issuer does not tell. */
  provenAtMs: number | undefined;
  /** Whether they showed a second factor there. */
  mfa: boolean;
}

const emailSchema = z.email().max(254);

/** Reads the claims of a verified token; what has another form than it should have is not there. */
export function toOutsidePerson(issuer: string, claims: JWTPayload): OutsidePerson {
  const { sub = '', email, name, auth_time: provenAt, amr } = claims;
  const address = emailSchema.safeParse(typeof email === 'string' ? email.trim() : undefined);
  return {
    issuer,
    subject: sub,
    email: address.success ? address.data.toLowerCase() : undefined,
    isEmailVerified: address.success && claims['email_verified'] === true,
    name: typeof name === 'string' && name.trim() !== '' ? name.trim().slice(0, 100) : undefined,
    provenAtMs: typeof provenAt === 'number' ? provenAt * 1000 : undefined,
    mfa: Array.isArray(amr) && amr.includes('mfa'),
  };
}

import { z } from 'zod';

/** One key of the environment: its sentence goes to `.env.example`, its schema turns text into the value used. */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
  doc: string;
  /** What holds when the key is absent, in words; shown in `.env.example`. */
  fallback: string;
  schema: Schema;
  secret?: true;
}

export function setting<Schema extends z.ZodType>(
  doc: string,
  fallback: string,
  schema: Schema,
): Setting<Schema> {
  return { doc, fallback, schema };
}

export function secret(doc: string): Setting<z.ZodOptional<z.ZodString>> {
  return {
    doc,
    fallback: 'not set',
    schema: z.string().min(8, 'is too short for a key').optional(),
    secret: true,
  };
}

export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((value) => value <= 65_535, 'must be a port number up to 65535');
export const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no'], 'must be true or false')
  .transform((value) => value === 'true' || value === '1' || value === 'yes');
export const count = (max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= 1 && value <= max, `must be between 1 and ${max}`);
export const httpUrl = z.url({
  protocol: /^https?$/,
  error: 'must be a URL that starts with http:// or https://',
});
export const list = (separator: string | RegExp) =>
  z.string().transform((text) =>
    text
      .split(separator)
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

/** Whoever speaks for the issuer decides who is who, so only this machine may do without TLS. */
export const issuerUrl = httpUrl.refine(
  (text) =>
    text.startsWith('https://') ||
    ['localhost', '127.0.0.1', '[::1]'].includes(new URL(text).hostname),
  'must start with https:// (http:// only on this machine)',
);

export const vaultPath = z
  .string()
  .regex(/^[\w.-]+(?:\/[\w.-]+)*$/, 'must be a path such as kv/automatos');
export const isMasterKey = (text: string) =>
  /^[0-9a-f]{64}$/i.test(text) ||
  (/^[A-Za-z0-9+/_-]{43}=?$/.test(text) && Buffer.from(text, 'base64').length === 32);

export function masterKey(doc: string, fallback: string) {
  const schema = z
    .string()
    .refine(
      isMasterKey,
      'must be 32 random bytes as base64 or hex; "openssl rand -base64 32" makes one',
    )
    .optional();
  return { ...setting(doc, fallback, schema), secret: true as const };
}

export const isReachablePlace = (text: string) =>
  text.includes('/')
    ? z.union([z.cidrv4(), z.cidrv6()]).safeParse(text).success
    : /^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i.test(text) || z.ipv6().safeParse(text).success;

import { z } from 'zod';

/** What was seen of one connection. */
export const healthSchema = z.object({
  url: z.string(),
  reachable: z.boolean(),
  status: z.int().nullable(),
  latency_ms: z.int().nullable(),
  redirects: z.array(z.string()),
  auth: z.object({ scheme: z.string(), realm: z.string().nullable() }).nullable(),
  tls: z
    .object({
      protocol: z.string().nullable(),
      issuer: z.string(),
      valid_to: z.string(),
      days_left: z.int(),
      problem: z.string().nullable(),
    })
    .nullable(),
  retry_after: z.string().nullable(),
  error: z.string().nullable(),
});
export type Health = z.output<typeof healthSchema>;

import { z } from 'zod';

export const certificateSchema = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  valid_from: z.string(),
  valid_to: z.string(),
  days_left: z.int(),
  key_type: z.string(),
  key_bits: z.int().nullable(),
  signature: z.string().nullable(),
  fingerprint256: z.string(),
});
export type CertificateFacts = z.infer<typeof certificateSchema>;

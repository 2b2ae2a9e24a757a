import { z } from 'zod';

const place = z.string().min(1).max(4096);
/** Inputs of the tools that compare two environments. */
export const environmentShape = {
  path: place
    .optional()
    .describe('Folder that the two places are relative to and that findings are told in'),
  current: place.describe('File or folder with the settings that run now'),
  wanted: place.describe('File or folder with the settings that shall run'),
};
const difference = z.object({
  key: z.string(),
  file: z.string(),
  current: z.string(),
  wanted: z.string(),
  secret: z.boolean(),
});
export const environmentDiffSchema = z.object({
  missing: z.array(z.object({ key: z.string(), file: z.string() })).describe('Only in current'),
  added: z.array(z.object({ key: z.string(), file: z.string() })).describe('Only in wanted'),
  different: z.array(difference).describe('Values of secrets are masked'),
  same: z.int(),
  compared: z.array(z.object({ current: z.string(), wanted: z.string() })),
  only_in_current: z.array(z.string()).describe('Files without a counterpart'),
  only_in_wanted: z.array(z.string()),
});

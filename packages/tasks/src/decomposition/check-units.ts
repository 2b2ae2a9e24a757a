import type { WorkUnit } from '@automatos/agents';
import { z } from 'zod';

export const UNITS_MAX = 12;

/** What a model may answer. */
export const modelSplitSchema = z.strictObject({
  units: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'snake_case'),
        title: z.string().min(1).max(120),
        prompt: z.string().min(1).max(4_000),
        needs: z.array(z.string().max(60)).max(4),
        depends_on: z.array(z.string()).max(UNITS_MAX),
        complexity: z.number().min(0).max(1),
      }),
    )
    .min(1)
    .max(UNITS_MAX),
  assumptions: z.array(z.string().max(400)).max(10),
});
export type ModelSplit = z.infer<typeof modelSplitSchema>;

/** The units in an order in which each stands after those it depends on, or what is wrong with them. */
export function checkUnits(
  { units }: ModelSplit,
  known: ReadonlySet<string>,
): { units: WorkUnit[] } | { problem: string } {
  const ids = new Set(units.map(({ id }) => id));
  if (ids.size < units.length) return { problem: 'two parts have the same id' };
  for (const { id, needs, depends_on: dependsOn } of units) {
    const stranger = needs.find((need) => !known.has(need));
    if (stranger !== undefined)
      return { problem: `"${id}" needs "${stranger}", which nobody does` };
    const missing = dependsOn.find((before) => !ids.has(before));
    if (missing !== undefined)
      return { problem: `"${id}" depends on "${missing}", which is no part` };
  }
  const ordered: WorkUnit[] = [];
  const placed = new Set<string>();
  while (ordered.length < units.length) {
    const next = units.find(
      ({ id, depends_on: dependsOn }) =>
        !placed.has(id) && dependsOn.every((before) => placed.has(before)),
    );
    if (next === undefined) return { problem: 'the parts wait for each other in a circle' };
    const { depends_on: dependsOn, ...rest } = next;
    placed.add(next.id);
    ordered.push({ ...rest, inputs: {}, dependsOn });
  }
  return { units: ordered };
}

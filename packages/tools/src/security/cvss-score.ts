/** Weights of CVSS 3 base metrics, as its specification gives them. */
const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
};
const PRIVILEGES = { N: 0.85, L: 0.62, H: 0.27 };
const PRIVILEGES_CHANGED = { N: 0.85, L: 0.68, H: 0.5 };

/** Base score (0 to 10) of a CVSS 3 vector; undefined for other versions and broken texts. */
export function scoreOfVector(vector: string): number | undefined {
  if (!vector.startsWith('CVSS:3')) return undefined;
  const metrics = new Map(
    vector.split('/').map((part) => part.split(':') as [string, string | undefined]),
  );
  const weigh = (metric: string) => WEIGHTS[metric]?.[metrics.get(metric) ?? ''] ?? Number.NaN;
  const changed = metrics.get('S') === 'C';
  const privileges: Readonly<Record<string, number>> = changed ? PRIVILEGES_CHANGED : PRIVILEGES;
  const impactBase = 1 - (1 - weigh('C')) * (1 - weigh('I')) * (1 - weigh('A'));
  const impact = changed
    ? 7.52 * (impactBase - 0.029) - 3.25 * (impactBase - 0.02) ** 15
    : 6.42 * impactBase;
  const exploitability =
    8.22 *
    weigh('AV') *
    weigh('AC') *
    (privileges[metrics.get('PR') ?? ''] ?? Number.NaN) *
    weigh('UI');
  const sum = (changed ? 1.08 : 1) * (impact + exploitability);
  if (Number.isNaN(sum)) return undefined;
  return impact <= 0 ? 0 : Math.ceil(Math.min(sum, 10) * 10 - 1e-9) / 10;
}

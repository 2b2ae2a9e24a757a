import type {
  ThreatAction,
  ThreatLevel,
  ThreatReason,
  ThreatSettingsInput,
} from '@automatos/contracts';

export type Thresholds = ThreatSettingsInput['thresholds'];

/**
 * One score of all reasons: `100 · (1 − Π (1 − pointsᵢ / 100))`, the noisy-or of independent causes (Pearl, Probabilistic
 * Reasoning in Intelligent Systems, 1988). Each reason takes its share of what is still missing to 100, so another reason, or
 * more points, never lowers the score; and no number of weak ones reaches what a strong one does at once.
 */
export function combine(reasons: readonly Pick<ThreatReason, 'points'>[]): number {
  let missing = 1;
  for (const { points } of reasons) missing *= 1 - Math.min(100, Math.max(0, points)) / 100;
  return Math.round(100 * (1 - missing));
}

export function levelOf(score: number, { medium, high, critical }: Thresholds): ThreatLevel {
  if (score >= critical) return 'critical';
  if (score >= high) return 'high';
  return score >= medium ? 'medium' : 'low';
}

/** What a level calls for; a person can show a second factor, a key and a stranger cannot and are slowed down instead. */
export function actionOf(level: ThreatLevel, caller: { isPerson: boolean }): ThreatAction {
  if (level === 'critical') return 'block';
  if (level === 'high') return 'throttle';
  if (level === 'medium') return caller.isPerson ? 'challenge' : 'throttle';
  return 'allow';
}

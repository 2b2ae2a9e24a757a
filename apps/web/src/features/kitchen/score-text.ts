/** `B, 83 %`; a score that could not be measured says so, it is neither 0 nor 1. */
export function scoreText({
  score,
  grade,
}: {
  score: number | null;
  grade: string | null;
}): string {
  if (score === null) return 'not measured';
  return `${grade === null ? '' : `${grade}, `}${percent(score)}`;
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

/** Colour of a grade, always beside its letter. */
export function gradeTone(grade: string | null): 'ok' | 'warn' | 'bad' | 'idle' {
  if (grade === null) return 'idle';
  if (grade === 'A' || grade === 'B') return 'ok';
  return grade === 'C' ? 'warn' : 'bad';
}

import { Badge } from '../../components/ui/badge.tsx';
import { LEVELS, type Level } from './security-words.ts';

/** Level with the score that makes it. */
export function LevelBadge({ level, score }: { level: Level; score?: number }) {
  const { label, tone } = LEVELS[level];
  return (
    <Badge tone={tone}>
      {label}
      {score === undefined ? null : <span className="tabular-nums">{score}</span>}
    </Badge>
  );
}

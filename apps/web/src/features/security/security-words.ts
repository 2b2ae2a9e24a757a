import type { GetSecurityOverviewResponse, ThreatAssessment } from '@automatos/sdk';
import type { Tone } from '../../components/ui/badge.tsx';

/** How threats are called on pages. */

export type Level = ThreatAssessment['level'];
export type Action = ThreatAssessment['action'];
export type Category = ThreatAssessment['categories'][number];
export type Scope = 'workspace' | 'platform';
export type Overview = GetSecurityOverviewResponse;

export const LEVELS: Record<Level, { label: string; tone: Tone; colour: string }> = {
  low: { label: 'Low', tone: 'idle', colour: 'var(--line-strong)' },
  medium: { label: 'Medium', tone: 'busy', colour: 'var(--busy)' },
  high: { label: 'High', tone: 'warn', colour: 'var(--warn)' },
  critical: { label: 'Critical', tone: 'bad', colour: 'var(--bad)' },
};
export const LEVEL_ORDER = ['low', 'medium', 'high', 'critical'] as const;

export const ACTIONS: Record<Action, string> = {
  allow: 'Allowed',
  challenge: 'Asked to prove themselves',
  throttle: 'Slowed down',
  block: 'Blocked',
};

export const CATEGORIES: Record<Category, string> = {
  sqli: 'SQL injection',
  nosql: 'NoSQL injection',
  path_traversal: 'Path traversal',
  template_injection: 'Template injection',
  command_injection: 'Command injection',
  ssrf: 'Requests to inner addresses',
  xss: 'Script injection',
  xxe: 'XML entities',
  header_injection: 'Header injection',
  prototype_pollution: 'Prototype pollution',
  lookup_injection: 'Lookups in log lines',
  prompt_injection: 'Prompt injection',
  behaviour: 'Behaviour',
  anomaly: 'Unusual for this caller',
};

export const PRINCIPALS = {
  user: 'People',
  api_key: 'API keys',
  operator: 'Operator',
  anonymous: 'Nobody known',
} as const;

/** Who it was, as far as it is known. */
export function principalText({ principal, address }: ThreatAssessment): string {
  return principal.name || principal.id || address;
}

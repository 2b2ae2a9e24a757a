import type { Finding } from '@automatos/sdk';

/** What a run of an agent gives as its outputs; see spec "agents", input and output of the twelve. */
export interface AgentReport {
  success: boolean;
  summary: string;
  findings: Finding[];
  findings_total: number;
  checks_run: { tool: string; status: string; summary: string; findings: number }[];
  /** 0–1; null when nothing could be checked. */
  quality: number | null;
  offline: boolean;
}

/** Reads outputs as a report; null when they are none (yet). */
export function reportOf(outputs: unknown): AgentReport | null {
  if (typeof outputs !== 'object' || outputs === null) return null;
  const { success, summary, findings, checks_run: checks } = outputs as Partial<AgentReport>;
  const fits =
    typeof success === 'boolean' &&
    typeof summary === 'string' &&
    Array.isArray(findings) &&
    Array.isArray(checks);
  return fits ? (outputs as AgentReport) : null;
}

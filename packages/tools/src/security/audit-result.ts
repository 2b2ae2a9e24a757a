import type { Finding, Severity } from '@automatos/contracts';

/** A package with its version as locked or declared. */
export interface AuditedPackage {
  ecosystem: 'npm' | 'pypi';
  name: string;
  version: string | null;
  direct: boolean;
  /** File and line that name it. */
  path: string;
  line?: number | undefined;
  /** What a manifest allows; undefined for those that only a lock file names. */
  range?: string | undefined;
  /** Direct dependencies that bring it. */
  neededBy: string[];
}

/** What one part of the audit found, and the packages it looked at. */
export interface AuditResult {
  findings: Finding[];
  packages: AuditedPackage[];
}

/** True for JSON objects, not for arrays. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parsed JSON, or undefined when it is none; callers report that as a finding. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined; // reported by the caller as a finding
  }
}

/** What differs between the findings of an audit. */
export interface FindingParts {
  rule: string;
  severity: Severity;
  message: string;
  path: string;
  line?: number | undefined;
  evidence: string;
  fix: string;
}

/** Builds a finding of the dependency audit. */
export function auditFinding(parts: FindingParts): Finding {
  return {
    rule: `dependency.${parts.rule}`,
    severity: parts.severity,
    message: parts.message,
    location: { path: parts.path, line: parts.line ?? 1 },
    evidence: parts.evidence,
    fix: parts.fix,
    tool: 'dependency_audit',
  };
}

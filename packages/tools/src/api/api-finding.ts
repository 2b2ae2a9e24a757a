import type { Finding } from '@automatos/contracts';
import { lineOfPlace } from './spec-document.ts';
import type { Place } from './spec-document.ts';

export interface ApiProblem {
  rule: string;
  severity: Finding['severity'];
  message: string;
  at: Place;
  /** Default: the line of the description. */
  evidence?: string;
  fix?: string;
}

/** A finding at the line of the description where its cause stands, with that line as evidence. */
export function apiFinding(
  tool: string,
  { rule, severity, message, at, evidence, fix }: ApiProblem,
): Finding {
  const line = lineOfPlace(at);
  const quoted = at.doc.textAt(line);
  return {
    rule: `api.${rule}`,
    severity,
    message,
    location: { path: at.doc.path, line },
    evidence: evidence ?? (quoted === '' ? `line ${line}` : quoted),
    ...(fix === undefined ? {} : { fix }),
    tool,
  };
}

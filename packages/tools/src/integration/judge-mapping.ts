import type { Finding, Severity } from '@automatos/contracts';
import { chooseValues, toMappedField, type Match } from './match-fields.ts';
import type { MappedField } from './mapping-document.ts';
import type { Field } from './read-fields.ts';

/** Where a field stands, for findings. */
export type Locate = (
  field: Field,
  side: 'source' | 'target',
) => { location?: { path: string; line?: number } };

const LOW_CONFIDENCE = 0.7;

function describe(field: Field): string {
  const parts = [
    field.type,
    field.format,
    field.enum === null ? null : `one of ${field.enum.slice(0, 8).join(', ')}`,
    field.maxLength === null ? null : `at most ${field.maxLength} characters`,
  ];
  return `${field.path} (${parts.filter((part) => part !== null).join(', ')})`;
}

function finding(
  about: { rule: string; severity: Severity; message: string; evidence: string; fix: string },
  place: ReturnType<Locate>,
): Finding {
  return { ...about, ...place, rule: `mapping.${about.rule}`, tool: 'schema_mapping' };
}

/** What a conversion may lose; undefined when nothing. */
function lossOf(source: Field, target: Field, mapped: MappedField): string | undefined {
  if (mapped.transform === 'to_integer' && source.type === 'number')
    return 'digits behind the point are rounded away';
  if (mapped.transform === 'to_date') return 'the time of day is dropped';
  if (mapped.max_length !== undefined && source.maxLength !== null)
    return `texts over ${mapped.max_length} characters are cut`;
  if (source.type === 'array' && target.type === 'string') return 'the list becomes one text';
  return undefined;
}

interface Judged {
  match: Match;
  source: Field;
  evidence: string;
  place: ReturnType<Locate>;
}

function conflictOf({ match: { target }, source, evidence, place }: Judged): Finding {
  return finding(
    {
      rule: 'type_conflict',
      severity: target.required ? 'high' : 'medium',
      message: `"${source.path}" fits "${target.path}" by name, but a value of type ${source.type} cannot become ${target.format ?? target.type}.`,
      evidence,
      fix: 'Map another field, or convert the values before.',
    },
    place,
  );
}

function doubtsOf({ match, source, evidence, place }: Judged, mapped: MappedField): Finding[] {
  const { target, confidence, reasons } = match;
  const findings: Finding[] = [];
  const loss = lossOf(source, target, mapped);
  if (loss !== undefined)
    findings.push(
      finding(
        {
          rule: 'lossy',
          severity: 'medium',
          message: `From "${source.path}" to "${target.path}" something is lost: ${loss}.`,
          evidence,
          fix: 'Accept it knowingly, or keep the whole value in another field.',
        },
        place,
      ),
    );
  const { without } =
    mapped.transform === 'choose' ? chooseValues(source, target) : { without: [] };
  if (without.length > 0)
    findings.push(
      finding(
        {
          rule: 'enum_mismatch',
          severity: 'medium',
          message: `Values of "${source.path}" have no counterpart in "${target.path}": ${without.slice(0, 10).join(', ')}.`,
          evidence,
          fix: 'Say for each value what it becomes, in "choices" of the mapping.',
        },
        place,
      ),
    );
  if (confidence < LOW_CONFIDENCE)
    findings.push(
      finding(
        {
          rule: 'low_confidence',
          severity: 'low',
          message: `"${source.path}" was chosen for "${target.path}" with a confidence of ${confidence} only (${reasons.join(', ')}).`,
          evidence,
          fix: 'Let somebody who knows the data confirm it.',
        },
        place,
      ),
    );
  return findings;
}

function judgeMatch(match: Match, locate: Locate): Finding[] {
  const { target, sources } = match;
  const source = sources[0];
  if (source === undefined) return [];
  const evidence = `${sources.map(describe).join(' and ')} → ${describe(target)}`;
  const judged = { match, source, evidence, place: locate(target, 'target') };
  const mapped = toMappedField(match);
  return mapped === undefined ? [conflictOf(judged)] : doubtsOf(judged, mapped);
}

/** Findings of a mapping: what is required and has no source, what cannot be converted or loses something, and unsure matches. */
export function judgeMapping(
  matches: readonly Match[],
  fields: { sources: readonly Field[]; targets: readonly Field[] },
  locate: Locate,
): Finding[] {
  const matched = new Set(matches.map(({ target }) => target));
  const used = new Set(matches.flatMap(({ sources }) => sources));
  const missing = fields.targets.filter(
    (target) =>
      target.required &&
      !matched.has(target) &&
      !target.hasDefault &&
      target.constant === undefined,
  );
  const unused = fields.sources.filter((source) => !used.has(source));
  return [
    ...missing.map((target) =>
      finding(
        {
          rule: 'required_unmapped',
          severity: 'high',
          message: `The required field "${target.path}" has no source.`,
          evidence: describe(target),
          fix: 'Name its source, or a constant value.',
        },
        locate(target, 'target'),
      ),
    ),
    ...matches.flatMap((match) => judgeMatch(match, locate)),
    ...unused.map((source) =>
      finding(
        {
          rule: 'source_unused',
          severity: 'info',
          message: `"${source.path}" goes nowhere.`,
          evidence: describe(source),
          fix: 'Nothing, if the target does not need it.',
        },
        locate(source, 'source'),
      ),
    ),
  ];
}

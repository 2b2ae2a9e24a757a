import { SEVERITIES } from '@automatos/contracts';
import type { Finding } from '@automatos/contracts';
import { PlatformError, isJsonObject } from '@automatos/kernel';
import type { FieldError, JsonObject, JsonValue } from '@automatos/kernel';
import type { SchemaValidator } from '../structured/validate-schema.ts';
import { answerBody, intentOf, textToClassify } from './answer-from-text.ts';
import { rankLabels } from './classify.ts';
import { coerce, typesOf } from './coerce-value.ts';
import { bySeverity, composeReport, countBySeverity, summarise } from './compose-report.ts';
import type { Evidence } from './gather-evidence.ts';
import type { OfflineRequest } from './parse-request.ts';

export interface SchemaSources {
  request: OfflineRequest;
  evidence: Evidence;
  notCalled: readonly { tool: string; missing: string[] }[];
}

/**
 * An object that fits the schema, every value of it taken from inputs, tool results or quoted text. Throws
 * `providers.offline.cannot_answer` naming the required fields for which there is nothing.
 */
export function fillSchema(
  schema: JsonObject,
  sources: SchemaSources,
  validator: SchemaValidator,
): JsonValue {
  const gaps: FieldError[] = [];
  const root = resolve(schema, schema);
  const value = typesOf(root).includes('array')
    ? fillField({ name: 'items', schema: root, root: schema, pointer: '' }, sources, gaps)
    : fillObject(root, { root: schema, pointer: '', near: null }, { sources, gaps });
  const errors =
    gaps.length > 0
      ? gaps
      : value === undefined
        ? [{ pointer: '', message: 'nothing in the request gives it' }]
        : validator.check(schema, value);
  if (errors.length > 0) throw refusal(errors);
  return value as JsonValue;
}

function refusal(errors: FieldError[]): PlatformError {
  const named = errors
    .slice(0, 5)
    .map((error) => `${error.pointer === '' ? 'the answer' : error.pointer} (${error.message})`)
    .join(', ');
  return new PlatformError({
    code: 'providers.offline.cannot_answer',
    kind: 'invalid-input',
    message: `The offline provider has no evidence for ${named}. It never invents values: give them as inputs, offer tools that produce them, or configure a language model.`,
    errors,
  });
}

interface Place {
  root: JsonObject;
  pointer: string;
  /** Object of the same name among the sources, looked into first. */
  near: JsonObject | null;
}

function fillObject(
  schema: JsonObject,
  place: Place,
  state: { sources: SchemaSources; gaps: FieldError[] },
): JsonObject | undefined {
  const properties = isJsonObject(schema['properties']) ? (schema['properties'] as JsonObject) : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const made: JsonObject = {};
  for (const [name, raw] of Object.entries(properties)) {
    const field: Field = {
      name,
      schema: resolve(isJsonObject(raw) ? (raw as JsonObject) : {}, place.root),
      root: place.root,
      pointer: `${place.pointer}/${name}`,
      near: place.near,
    };
    const gapsBefore = state.gaps.length;
    const value = fillField(field, state.sources, state.gaps);
    if (value !== undefined && state.gaps.length === gapsBefore) made[name] = value;
    else if (!required.includes(name)) state.gaps.length = gapsBefore;
    else if (typesOf(field.schema).includes('null'))
      [state.gaps.length, made[name]] = [gapsBefore, null];
    else if (state.gaps.length === gapsBefore)
      state.gaps.push({ pointer: field.pointer, message: 'nothing in the request gives it' });
  }
  return Object.keys(made).length > 0 || Object.keys(properties).length === 0 ? made : undefined;
}

interface Field {
  name: string;
  schema: JsonObject;
  root: JsonObject;
  pointer: string;
  near?: JsonObject | null;
}

function fillField(
  field: Field,
  sources: SchemaSources,
  gaps: FieldError[],
): JsonValue | undefined {
  const { schema } = field;
  if ('const' in schema) return schema['const'] as JsonValue;
  const types = typesOf(schema);
  for (const candidate of [...sameName(field, sources), ...derived(field, sources)]) {
    const fitting =
      types.includes('array') && Array.isArray(candidate)
        ? [shapeItems(candidate, field)]
        : coerce(candidate, schema);
    if (
      fitting[0] !== undefined &&
      !(isJsonObject(fitting[0]) && types.includes('object') && isJsonObject(schema['properties']))
    )
      return fitting[0];
  }
  if (types.includes('object')) {
    const near = sameName(field, sources).find((value) => isJsonObject(value)) as
      | JsonObject
      | undefined;
    return fillObject(
      schema,
      { root: field.root, pointer: field.pointer, near: near ?? null },
      { sources, gaps },
    );
  }
  const label = chooseLabel(schema, sources);
  if (label !== undefined) return label;
  return 'default' in schema ? (schema['default'] as JsonValue) : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Values that stand under this name in the object at hand, the inputs, and the outputs of this turn, in that order. */
function sameName(field: Field, { request, evidence }: SchemaSources): JsonValue[] {
  const outputs = evidence.results.filter((result) => result.ok).map((result) => result.output);
  const places =
    field.near === null || field.near === undefined
      ? [request.inputs, ...outputs.toReversed()]
      : [field.near];
  return places.flatMap((each) => findNamed(each, plain(field.name), 0));
}

function findNamed(value: JsonValue, name: string, depth: number): JsonValue[] {
  if (!isJsonObject(value) || depth > 2) return [];
  const entries = Object.entries(value as JsonObject);
  const own = entries
    .filter(([key, each]) => plain(key) === name && each !== null)
    .map(([, each]) => each);
  return [...own, ...entries.flatMap(([, each]) => findNamed(each, name, depth + 1))];
}

const FINDINGS_NAMES =
  /^(?:findings|issues|problems|vulnerabilities|violations|results|defects|secrets)$/;
const TOTAL_NAMES =
  /^(?:(?:findings|issues|problems|total)(?:count|total|found)|total|count|findingstotal|totalfindings|totalissues|issuecount)$/;

/** Values computed from the evidence for names that say what they are: findings, counts, summary, report, severity, sources. */
function derived(field: Field, { request, evidence, notCalled }: SchemaSources): JsonValue[] {
  const name = plain(field.name);
  const good = evidence.results.filter((result) => result.ok);
  const findings = good.flatMap((result) => result.findings);
  const hasResults = good.length > 0;
  if (hasResults && FINDINGS_NAMES.test(name))
    return [bySeverity(findings) as unknown as JsonValue];
  if (hasResults && TOTAL_NAMES.test(name))
    return [
      good.reduce((sum, result) => sum + Math.max(result.findingsTotal, result.findings.length), 0),
    ];
  if (hasResults && SEVERITIES.some((severity) => severity === name || `${severity}count` === name))
    return [findings.filter((finding) => name.startsWith(finding.severity)).length];
  if (
    findings.length > 0 &&
    /^(?:severity|maxseverity|highestseverity|risk|risklevel|worst)$/.test(name)
  )
    return [bySeverity(findings)[0]?.severity ?? null];
  if (hasResults && /^(?:byseverity|countsbyseverity|severitycounts|counts)$/.test(name))
    return [Object.fromEntries(countBySeverity(findings))];
  if (/^(?:fixes|recommendations|actions|nextsteps)$/.test(name))
    return listOrNothing(findings.map((finding) => finding.fix));
  if (/^(?:files|paths|affectedfiles|locations)$/.test(name))
    return listOrNothing(findings.map((finding) => finding.location?.path));
  if (/^(?:rules)$/.test(name)) return listOrNothing(findings.map((finding) => finding.rule));
  if (/^(?:sources|citations|references)$/.test(name))
    return listOrNothing(evidence.documents.map((document) => document.title));
  return textFor(name, { request, evidence, notCalled });
}

function listOrNothing(values: (string | undefined)[]): JsonValue[] {
  const kept = [...new Set(values.filter((value) => value !== undefined))];
  return kept.length > 0 ? [kept] : [];
}

function textFor(name: string, { request, evidence, notCalled }: SchemaSources): JsonValue[] {
  const ran = evidence.results.length > 0;
  if (/^(?:report|markdown|text|body|content|document)$/.test(name) && ran)
    return [
      composeReport({ results: evidence.results, notCalled, maxTokens: request.maxOutputTokens }),
    ];
  if (/^(?:summary|overview|conclusion|message|description)$/.test(name) && ran)
    return [summarise({ results: evidence.results, notCalled })];
  if (
    !/^(?:summary|overview|answer|response|text|conclusion|report)$/.test(name) ||
    evidence.documents.length === 0 ||
    intentOf(request.task) === 'classify'
  )
    return [];
  return [answerBody(request.task, evidence.documents)];
}

/** Records reduced to the properties that the item schema knows, when it is closed or names any. */
function shapeItems(list: readonly JsonValue[], field: Field): JsonValue[] {
  const items = resolve(
    isJsonObject(field.schema['items']) ? (field.schema['items'] as JsonObject) : {},
    field.root,
  );
  const properties = isJsonObject(items['properties']) ? (items['properties'] as JsonObject) : null;
  if (properties === null) return list.flatMap((item) => coerce(item, items).slice(0, 1));
  return list.map((item) =>
    isJsonObject(item)
      ? Object.fromEntries(
          Object.keys(properties).flatMap((key) => itemValue(item as JsonObject, key)),
        )
      : item,
  );
}

function itemValue(item: JsonObject, key: string): [string, JsonValue][] {
  const location = (isJsonObject(item['location']) ? item['location'] : {}) as NonNullable<
    Finding['location']
  >;
  const own =
    item[key] ??
    (key === 'path' || key === 'file'
      ? location.path
      : key === 'line'
        ? location.line
        : key === 'title' || key === 'description'
          ? item['message']
          : undefined);
  return own === undefined ? [] : [[key, own]];
}

function chooseLabel(
  schema: JsonObject,
  { request, evidence }: SchemaSources,
): JsonValue | undefined {
  const branches = Array.isArray(schema['oneOf'])
    ? schema['oneOf'].filter((each) => isJsonObject(each))
    : [];
  const described = branches.flatMap((branch) =>
    typeof branch['const'] === 'string'
      ? [
          {
            label: branch['const'],
            description: typeof branch['description'] === 'string' ? branch['description'] : '',
          },
        ]
      : [],
  );
  const labels = Array.isArray(schema['enum'])
    ? schema['enum'].filter((each) => typeof each === 'string').map((label) => ({ label }))
    : described;
  if (labels.length === 0) return undefined;
  if (labels.length === 1) return labels[0]?.label;
  const scalars = Object.values(request.inputs)
    .filter((value) => typeof value === 'string')
    .join('\n');
  const ranked = rankLabels(
    `${textToClassify(request.task, evidence.documents)}\n${scalars}`,
    labels,
  );
  const best = ranked[0];
  return best !== undefined && best.score > 0 && best.score > (ranked[1]?.score ?? 0)
    ? best.label
    : undefined;
}

function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const ref = schema['$ref'];
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return schema;
  let current: JsonValue | undefined = root;
  for (const part of ref.slice(2).split('/'))
    current = isJsonObject(current)
      ? (current as JsonObject)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
      : undefined;
  return isJsonObject(current) ? (current as JsonObject) : schema;
}

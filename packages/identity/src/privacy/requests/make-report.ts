import type { ProcessingRecord } from '@automatos/contracts';
import type { PersonalDataHolder, PersonalItem, PersonalSubject, Tx } from '@automatos/database';

/** Rows per table and kind that go into one report; more is said. */
const ROWS_MAX = 5_000;

export interface Report {
  json: string;
  markdown: string;
  items: number;
}

interface ReportDeps {
  holders: readonly PersonalDataHolder[];
  /** What the workspace says that it does with personal data. */
  processing: readonly ProcessingRecord[];
  nowMs: number;
}

const RIGHTS =
  'You can ask for correction, erasure, restriction and portability of your data, object to activities that rest on legitimate interests, withdraw consents at any time, and complain to a supervisory authority (Art. 15(1)(e), (f) GDPR).';
const NOT_HERE =
  'Not contained: log files and backups of the operator, what other systems received, and hashes and encrypted secrets, which nobody can read.';

/** Everything that the product finds of the person, with what is done with it and why (Art. 15). */
export async function makeAccessReport(
  tx: Tx,
  subject: PersonalSubject,
  { holders, processing, nowMs }: ReportDeps,
): Promise<Report> {
  const items: PersonalItem[] = [];
  for (const holder of holders) items.push(...(await holder.find(tx, subject, ROWS_MAX)));
  const unique = withoutRepeats(items);
  const report = {
    kind: 'access',
    made_at: new Date(nowMs).toISOString(),
    person: personOf(subject),
    processing,
    rights: RIGHTS,
    not_contained: NOT_HERE,
    rows_per_table_max: ROWS_MAX,
    data: group(unique),
  };
  return {
    json: JSON.stringify(report, null, 2),
    markdown: [
      ...heading('Your personal data', report),
      '## What is done with them',
      ...processing.map(describe),
      '## Your rights',
      RIGHTS,
      '## The data',
      NOT_HERE,
      ...sections(report.data),
    ].join('\n\n'),
    items: unique.length,
  };
}

/** What the person gave themselves, in a form that other systems can read (Art. 20). */
export async function makePortabilityExport(
  tx: Tx,
  subject: PersonalSubject,
  { holders, nowMs }: ReportDeps,
): Promise<Report> {
  const items: PersonalItem[] = [];
  for (const holder of holders) items.push(...(await holder.provided(tx, subject, ROWS_MAX)));
  const unique = withoutRepeats(items);
  const report = {
    kind: 'portability',
    made_at: new Date(nowMs).toISOString(),
    person: personOf(subject),
    rows_per_table_max: ROWS_MAX,
    data: group(unique),
  };
  return {
    json: JSON.stringify(report, null, 2),
    markdown: [...heading('Data that you provided', report), ...sections(report.data)].join('\n\n'),
    items: unique.length,
  };
}

const personOf = ({ userId, emails, names }: PersonalSubject) => ({
  id: userId,
  email: emails[0] ?? '',
  name: names[0] ?? '',
});

/** Tables that two descriptions speak of bring the same row twice; the fuller one stays. */
function withoutRepeats(items: readonly PersonalItem[]): PersonalItem[] {
  const byRow = new Map<string, PersonalItem>();
  for (const item of items) {
    const row = `${item.table} ${JSON.stringify(item.key)}`;
    const known = byRow.get(row);
    if (known === undefined || Object.keys(known.data).length < Object.keys(item.data).length)
      byRow.set(row, item);
  }
  return [...byRow.values()];
}

type Grouped = Record<string, { table: string; key: object; data: object }[]>;

function group(items: readonly PersonalItem[]): Grouped {
  return Object.fromEntries(
    [...Map.groupBy(items, ({ category }) => category)].map(([category, own]) => [
      category,
      own.map(({ table, key, data }) => ({ table, key, data })),
    ]),
  );
}

function heading(title: string, report: { made_at: string; person: ReturnType<typeof personOf> }) {
  const { name, email, id } = report.person;
  return [`# ${title}`, `${escape(name)} · ${escape(email)} · ${id}\n\nMade ${report.made_at}`];
}

function describe(record: ProcessingRecord): string {
  const lines = [
    `Purpose: ${escape(record.purpose)}`,
    `Legal basis: ${record.legal_basis.replaceAll('_', ' ')}. ${escape(record.legal_basis_detail)}`,
    `Data: ${escape(record.data_categories.join(', '))}`,
    `Recipients: ${escape(record.recipients.join(', ') || 'none')}`,
    `Kept: ${escape(record.retention)}`,
    ...(record.third_countries === ''
      ? []
      : [`Third countries: ${escape(record.third_countries)}`]),
  ];
  return [`### ${escape(record.name)}`, lines.map((line) => `- ${line}`).join('\n')].join('\n\n');
}

function sections(data: Grouped): string[] {
  return Object.entries(data).flatMap(([category, rows]) => [
    `### ${escape(category)} (${rows.length})`,
    rows
      .map(({ table, key, data: values }) => {
        const lines = Object.entries(values).map(
          ([name, value]) => `  - ${name}: ${inline(value)}`,
        );
        return [`- ${table} ${inline(key)}`, ...lines].join('\n');
      })
      .join('\n'),
  ]);
}

/** As code, so that nothing in the data is taken for a heading or a link. */
function inline(value: unknown): string {
  const text = (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null')).replaceAll(
    /\s+/g,
    ' ',
  );
  const fence = '`'.repeat(Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1);
  return `${fence} ${text} ${fence}`;
}

const escape = (text: string) =>
  text.replaceAll(/[\\`*_[\]<>#|]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ');

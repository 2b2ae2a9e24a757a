import { Badge } from '../../components/ui/badge.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { formatDateTime } from '../../lib/format.ts';
import { HISTORY, STATUSES, TYPES, type DataRequest } from './privacy-words.ts';

export function RequestBadges({ request }: { request: DataRequest }) {
  const { label, tone } = STATUSES[request.status];
  return (
    <>
      <Badge tone={tone}>{label}</Badge>
      {request.overdue ? <Badge tone="bad">Overdue</Badge> : null}
    </>
  );
}

function factsOf(request: DataRequest): [string, string][] {
  const { corrections, target, verification } = request;
  const facts: [string, string | null | undefined][] = [
    ['Asked for', TYPES[request.type].label],
    ['In their words', request.details || null],
    ['New name', corrections?.name],
    ['New e-mail', corrections?.email],
    [
      'Corrections',
      corrections?.texts?.map(({ wrong, right }) => `“${wrong}” → “${right}”`).join('; '),
    ],
    ['Objects to', target?.processing ?? target?.purpose],
    ['Received', formatDateTime(request.received_at)],
    ['Due', formatDateTime(request.due_at)],
    ['Why later', request.extension_reason],
    [
      'Identity',
      verification === null
        ? 'not verified yet'
        : `${verification.method === 'session' ? 'proved by sign-in' : 'checked by an administrator'}${verification.note === '' ? '' : `: ${verification.note}`}`,
    ],
    ['Refused because', request.refusal_reason],
  ];
  return facts.filter((fact): fact is [string, string] => typeof fact[1] === 'string');
}

/** What was asked, and all that was done about it. */
export function RequestFacts({ request }: { request: DataRequest }) {
  return (
    <div className="grid gap-6">
      <dl className="divide-y divide-line text-sm">
        {factsOf(request).map(([label, value]) => (
          <div key={label} className="grid gap-1 py-2.5 sm:grid-cols-[9rem_1fr]">
            <dt className="text-ink-soft">{label}</dt>
            <dd className="whitespace-pre-line wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <section className="grid gap-2">
        <h3 className="text-sm font-semibold">What was done</h3>
        <ol className="grid gap-2 text-sm">
          {request.history.map((entry) => (
            <li key={`${entry.at}-${entry.action}`} className="grid gap-1 sm:grid-cols-[14rem_1fr]">
              <span className="text-ink-soft tabular-nums">{formatDateTime(entry.at)}</span>
              <span className="wrap-anywhere">
                {HISTORY[entry.action]}
                {entry.note === '' ? '' : `: ${entry.note}`}
              </span>
            </li>
          ))}
        </ol>
      </section>
      {request.result === null ? null : (
        <section className="grid gap-2">
          <h3 className="text-sm font-semibold">Result</h3>
          <CodeBlock
            label="Result of the request"
            text={JSON.stringify(request.result, null, 2)}
            className="max-h-80"
          />
        </section>
      )}
    </div>
  );
}

import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { Field } from './field.tsx';
import { Input } from './input.tsx';

/** First and last day, as they stand in the address as `from` and `to`. */
export function DateRangeFields({ range }: { range: { from: string | null; to: string | null } }) {
  return (['from', 'to'] as const).map((name) => (
    <Field key={name} label={name === 'from' ? 'From' : 'Until'}>
      {(wiring) => (
        <Input
          control={wiring}
          type="date"
          value={range[name] ?? ''}
          onChange={(event) => replaceSearchParams({ [name]: event.target.value })}
        />
      )}
    </Field>
  ));
}

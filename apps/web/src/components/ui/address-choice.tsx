import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { Field } from './field.tsx';
import { Select } from './input.tsx';

/** One of a list, or all, as it stands in the address under `name`. */
export function AddressChoice({
  label,
  name,
  value,
  all,
  options,
}: {
  label: string;
  name: string;
  value: string | null;
  /** What the choice without a limit is called. */
  all: string;
  options: readonly (readonly [string, string])[];
}) {
  return (
    <Field label={label}>
      {(wiring) => (
        <Select
          control={wiring}
          value={value ?? ''}
          onChange={(event) => replaceSearchParams({ [name]: event.target.value })}
        >
          <option value="">{all}</option>
          {options.map(([key, text]) => (
            <option key={key} value={key}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

import { Field } from './field.tsx';
import { Input } from './input.tsx';

/** The password of whoever sits here, as a proof; takes the focus. */
export function OwnPasswordField({
  label,
  missing,
  value,
  onChange,
}: {
  label: string;
  /** It was left empty, and is needed. */
  missing: boolean;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <Field label={label} error={missing ? 'Password is needed.' : undefined}>
      {(control) => (
        <Input
          control={control}
          autoFocus
          type="password"
          autoComplete="current-password"
          value={value}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}

import { useEffect, useState } from 'react';
import { replaceSearchParams } from '../../lib/use-search-param.ts';
import { useDebounced } from '../../lib/use-debounced.ts';
import { Input } from './input.tsx';

interface AddressSearchProps {
  label: string;
  placeholder: string;
  /** What stands in the address as `q`. */
  value: string | null;
  maxLength?: number;
}

/** What is typed, which goes into the address when it rests. */
export function AddressSearch({ label, placeholder, value, maxLength }: AddressSearchProps) {
  const [typed, setTyped] = useState(value ?? '');
  const settled = useDebounced(typed.trim());
  useEffect(() => replaceSearchParams({ q: settled }), [settled]);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // A chip or the reset took it out.
    setKnown(value);
    if (value === null) setTyped('');
  }
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={placeholder}
      maxLength={maxLength}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

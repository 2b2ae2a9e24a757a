import type { Metadata } from 'next';
import { PatternList } from '../../../../features/patterns/pattern-list.tsx';

export const metadata: Metadata = { title: 'Patterns' };

export default function Page() {
  return <PatternList />;
}

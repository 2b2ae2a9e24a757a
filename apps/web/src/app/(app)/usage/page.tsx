import type { Metadata } from 'next';
import { Usage } from '../../../features/usage/usage.tsx';

export const metadata: Metadata = { title: 'Usage and cost' };

export default function Page() {
  return <Usage />;
}

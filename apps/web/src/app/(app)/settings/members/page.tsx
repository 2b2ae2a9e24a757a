import type { Metadata } from 'next';
import { Members } from '../../../../features/team/members.tsx';

export const metadata: Metadata = { title: 'Team' };

export default function Page() {
  return <Members />;
}

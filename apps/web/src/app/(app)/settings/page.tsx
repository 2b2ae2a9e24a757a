import type { Metadata } from 'next';
import { Account } from '../../../features/account/account.tsx';

export const metadata: Metadata = { title: 'Account' };

export default function Page() {
  return <Account />;
}

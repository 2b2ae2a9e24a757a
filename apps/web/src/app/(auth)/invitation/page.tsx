import type { Metadata } from 'next';
import { Invitation } from '../../../features/auth/invitation.tsx';

export const metadata: Metadata = { title: 'Invitation' };

export default function Page() {
  return <Invitation />;
}

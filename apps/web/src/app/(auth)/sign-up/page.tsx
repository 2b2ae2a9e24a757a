import type { Metadata } from 'next';
import { SignUpForm } from '../../../features/auth/sign-up-form.tsx';

export const metadata: Metadata = { title: 'Sign up' };

export default function Page() {
  return <SignUpForm />;
}

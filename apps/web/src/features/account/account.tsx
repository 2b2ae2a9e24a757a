'use client';

import { ThemeChoice } from '../../components/shell/theme-choice.tsx';
import { Section } from '../../components/ui/card.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { ReturnedError } from '../auth/returned-error.tsx';
import { useSession } from '../session/use-session.ts';
import { Profile } from './profile.tsx';
import { SecondFactor } from './second-factor.tsx';
import { Sessions } from './sessions.tsx';
import { SignInWays } from './sign-in-ways.tsx';

/** A person's own account: who they are, how they get in, where they are in, and how this looks to them. */
export function Account() {
  const person = useSession().data?.user !== null;
  return (
    <>
      <PageHeader title="Account" lead="Who you are, how you sign in, and how this looks." />
      <div className="max-w-3xl">
        <ReturnedError />
      </div>
      <div className="grid max-w-3xl grid-cols-1 gap-8">
        {person ? (
          <>
            <Profile />
            <SignInWays />
            <SecondFactor />
            <Sessions />
          </>
        ) : null}
        <Section title="Appearance">
          <div className="max-w-md p-5">
            <ThemeChoice />
          </div>
        </Section>
      </div>
    </>
  );
}

import { ButtonLink } from '../components/ui/button.tsx';

export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-3 px-4">
      <p className="font-mono text-sm text-ink-soft">404</p>
      <h1 className="text-2xl font-semibold">There is no page here</h1>
      <p className="text-ink-soft">
        The address may be mistyped, or what it showed has been deleted.
      </p>
      <ButtonLink href="/" variant="primary" className="mt-3">
        Go to the dashboard
      </ButtonLink>
    </main>
  );
}

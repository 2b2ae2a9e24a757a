/** Set-up of the `server` test project: without a real database its tests fail instead of passing on nothing. */
const missing = ['AUTOMATOS_TEST_DATABASE_URL', 'AUTOMATOS_TEST_REDIS_URL'].filter(
  (name) => !process.env[name],
);

if (missing.length > 0) {
  throw new Error(
    `${missing.join(' and ')} not set. Run "npm test", or start the services with "node scripts/services.mjs up" and name them ` +
      'with eval "$(node scripts/services.mjs env)". For the embedded database only: vitest run --project unit --project embedded.',
  );
}

/** Child process of the lock test: takes the folder, says so, and holds it until it is killed. */
import { acquireDataDirLock } from '../../data-dir-lock.ts';

try {
  await acquireDataDirLock(process.argv[2] ?? '');
  process.stdout.write('held\n');
  setInterval(() => undefined, 60_000);
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code ?? String(error)}\n`);
}

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DEFAULT_WORKSPACE_ID, newId } from '@automatos/kernel';
import { createToolExecutor, createToolRegistry } from '@automatos/tools';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';

/** Lays the made files out as they would lie in a project, and holds them to the rules for foreign ones. */
async function validate(folder: string, made: ReadonlyMap<string, string>): Promise<string[]> {
  for (const [name, text] of made) {
    const path = join(
      folder,
      name.replace(/^(?=dockerignore|github__)/, '.').replaceAll('__', '/'),
    );
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  const executor = createToolExecutor({
    registry: createToolRegistry(),
    roots: () => [folder],
    outboundAllow: [],
  });
  try {
    const outcome = await executor.execute({
      tool: 'validate_deployment_files',
      input: { path: folder },
      callId: 'verify',
      idempotencyKey: newId(),
      workspaceId: DEFAULT_WORKSPACE_ID,
      grants: 'all',
      signal: new AbortController().signal,
    });
    const { validation = [] } = (outcome.output ?? {}) as { validation?: { kind: string }[] };
    const kinds = ['compose', 'dockerfile', 'kubernetes', 'workflow'];
    return [
      ...kinds
        .filter((kind) => !validation.some((file) => file.kind === kind))
        .map((kind) => `no ${kind} was made, or it is not recognised as one`),
      ...outcome.findings.map(
        ({ rule, location, message }) => `${location?.path}: ${rule} ${message}`,
      ),
    ];
  } finally {
    await executor.close();
  }
}

/** What a reader of the project would put into the files. */
const WANTED: readonly [file: string, text: string][] = [
  ['Dockerfile', 'FROM node:22.'],
  ['Dockerfile', 'RUN npm ci'],
  ['Dockerfile', 'CMD ["node", "src/server.js"]'],
  ['Dockerfile', 'EXPOSE 4000'],
  ['compose.yaml', 'image: postgres:'],
  ['k8s__deployment.yaml', 'containerPort: 4000'],
  ['github__workflows__ci.yaml', 'run: npm test'],
  ['rollout-plan.md', 'Set "QUEUE_URL" in env/production.env.'],
  ['rollout-plan.md', 'kubectl rollout undo deployment/orders'],
];

/** A small service with careless deployment files, and two environments that differ. */
export const deploymentFixture: AgentFixture = {
  agent: 'deployment',
  async prepare(folder) {
    await copyFixtureFiles('deployment', folder);
    return {
      task: {
        task_type: 'deployment',
        target: folder,
        parameters: { current: 'env/staging.env', wanted: 'env/production.env' },
      },
      expected: await readExpected('deployment'),
      async verify(_, made) {
        const missing = WANTED.filter(([file, text]) => made.get(file)?.includes(text) !== true);
        return [
          ...missing.map(([file, text]) => `${file} lacks "${text}"`),
          ...(await validate(join(folder, '..', 'made'), made)),
        ];
      },
    };
  },
};

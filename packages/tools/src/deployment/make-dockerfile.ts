import type { Blueprint } from './blueprint.ts';
import { inFolder } from './stack.ts';

/** Full versions of official images by the line that a project asks for; the last one is taken when it asks for none. */
const NODE = { '20': '20.19.5', '22': '22.21.1', '24': '24.11.1' };
const PYTHON = { '3.11': '3.11.14', '3.12': '3.12.12', '3.13': '3.13.9' };
const GO = { '1.24': '1.24.10', '1.25': '1.25.4' };
const ALPINE = '3.22';
const NGINX = `nginxinc/nginx-unprivileged:1.29.3-alpine${ALPINE}`;
const GUNICORN = '23.0.0';

/** The image's version for what a project says: the line it names, else the newest known one. */
export function versionFor(
  known: Readonly<Record<string, string>>,
  asked: string | undefined,
): string {
  const lines = Object.keys(known).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const newest = known[lines.at(-1) ?? ''] ?? '';
  const match = /\d+(?:\.\d+)*/.exec(asked ?? '')?.[0] ?? '';
  const line = lines.find((one) => match === one || match.startsWith(`${one}.`));
  return line === undefined ? newest : (known[line] ?? newest);
}

/** Image of the project's language. */
function baseImage({ component }: Blueprint): string {
  const asked = component.runtime_version?.value;
  if (component.language === 'Python') return `python:${versionFor(PYTHON, asked)}-slim-bookworm`;
  if (component.language === 'Go') return `golang:${versionFor(GO, asked)}-alpine${ALPINE}`;
  return `node:${versionFor(NODE, asked)}-alpine${ALPINE}`;
}

const list = (words: readonly string[]) =>
  `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;

/** Asks the program itself; without a known address it only tries to connect. */
function healthCheck({ component, healthPath, port }: Blueprint): string {
  const options = '--interval=30s --timeout=3s --start-period=20s --retries=3';
  const url = `http://127.0.0.1:${port}${healthPath ?? ''}`;
  if (component.language === 'Python') {
    const code =
      healthPath === null
        ? `import socket; socket.create_connection(('127.0.0.1', ${port}), 2).close()`
        : `import urllib.request; urllib.request.urlopen('${url}', timeout=2)`;
    return `HEALTHCHECK ${options} CMD ${list(['python', '-c', code])}`;
  }
  const words =
    healthPath === null
      ? ['nc', '-z', '127.0.0.1', String(port)]
      : ['wget', '--quiet', '--spider', url];
  return `HEALTHCHECK ${options} CMD ${list(words)}`;
}

function nodeInstall({ component, paths }: Blueprint): string[] {
  const manager = component.package_manager?.value ?? 'npm';
  const { folder } = component;
  const lock = (component.lock_file ?? '').split('/').at(-1) ?? '';
  // A lock file above the component's folder is out of reach of the build.
  const hasLock = lock !== '' && paths.has(inFolder(folder, lock));
  const copied = ['package.json', ...(hasLock ? [lock] : [])].join(' ');
  const enable = manager === 'npm' ? [] : ['RUN corepack enable'];
  const install =
    manager === 'npm'
      ? hasLock
        ? 'npm ci'
        : 'npm install --package-lock=false --no-audit'
      : manager === 'pnpm'
        ? `pnpm install${hasLock ? ' --frozen-lockfile' : ''}`
        : `yarn install${hasLock ? ' --frozen-lockfile' : ''}`;
  return [...enable, `COPY ${copied} ./`, `RUN ${install}`];
}

/** Leaves out what only the build needs. */
function nodePrune(manager: string): string {
  if (manager === 'pnpm') return 'RUN pnpm prune --prod';
  return manager === 'yarn'
    ? 'RUN yarn install --production --ignore-scripts'
    : 'RUN npm prune --omit=dev';
}

function nodeFile(plan: Blueprint): string[] {
  const { component, command, port } = plan;
  const image = baseImage(plan);
  const manager = component.package_manager?.value ?? 'npm';
  const build = component.commands.build === null ? [] : [`RUN ${component.commands.build.value}`];
  return [
    `FROM ${image} AS build`,
    'WORKDIR /app',
    ...nodeInstall(plan),
    'COPY . .',
    ...build,
    nodePrune(manager),
    '',
    `FROM ${image}`,
    `ENV NODE_ENV=production PORT=${port}`,
    'WORKDIR /app',
    'COPY --from=build --chown=node:node /app ./',
    'USER node',
    `EXPOSE ${port}`,
    healthCheck(plan),
    `CMD ${list(command)}`,
  ];
}

function siteFile(plan: Blueprint): string[] {
  return [
    `FROM ${baseImage(plan)} AS build`,
    'WORKDIR /app',
    ...nodeInstall(plan),
    'COPY . .',
    `RUN ${plan.component.commands.build?.value ?? 'npm run build'}`,
    '',
    `FROM ${NGINX}`,
    'COPY --from=build /app/dist /usr/share/nginx/html',
    'USER 101',
    `EXPOSE ${plan.port}`,
    healthCheck(plan),
  ];
}

function pythonInstall({ component, command, paths }: Blueprint): string[] {
  const has = (name: string) => paths.has(inFolder(component.folder, name));
  const server = command[0] === 'uvicorn' ? 'uvicorn==0.38.0' : `gunicorn==${GUNICORN}`;
  const install = `pip install --no-cache-dir`;
  if (has('requirements.txt'))
    return ['COPY requirements.txt ./', `RUN ${install} -r requirements.txt ${server}`, 'COPY . .'];
  return ['COPY . .', `RUN ${install} . ${server}`];
}

function pythonFile(plan: Blueprint): string[] {
  const image = baseImage(plan);
  return [
    `FROM ${image} AS build`,
    'WORKDIR /app',
    'RUN python -m venv /venv',
    'ENV PATH=/venv/bin:$PATH',
    ...pythonInstall(plan),
    '',
    `FROM ${image}`,
    `ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=${plan.port}`,
    'RUN useradd --system --uid 10001 --no-create-home app',
    'WORKDIR /app',
    'COPY --from=build /venv /venv',
    'COPY --from=build --chown=10001 /app ./',
    'USER 10001',
    `EXPOSE ${plan.port}`,
    healthCheck(plan),
    `CMD ${list(plan.command.map((word) => word.replace(/^(0\.0\.0\.0:)?8000$/, (_all, host: string | undefined) => `${host ?? ''}${plan.port}`)))}`,
  ];
}

function goFile(plan: Blueprint): string[] {
  const { component, paths } = plan;
  const sum = paths.has(inFolder(component.folder, 'go.sum')) ? ' go.sum' : '';
  return [
    `FROM ${baseImage(plan)} AS build`,
    'WORKDIR /src',
    `COPY go.mod${sum} ./`,
    'RUN go mod download',
    'COPY . .',
    `RUN CGO_ENABLED=0 ${component.commands.build?.value ?? 'go build -o /out/app .'}`,
    '',
    `FROM alpine:${ALPINE}.2`,
    'RUN adduser -D -H -u 10001 app',
    'COPY --from=build /out/app /usr/local/bin/app',
    'USER 10001',
    `ENV PORT=${plan.port}`,
    `EXPOSE ${plan.port}`,
    healthCheck(plan),
    'CMD ["app"]',
  ];
}

/** A Dockerfile in two stages: tools stay in the first one, the second runs as nobody special. */
export function makeDockerfile(plan: Blueprint): string {
  const { language, kind } = plan.component;
  const lines =
    kind === 'site'
      ? siteFile(plan)
      : language === 'Python'
        ? pythonFile(plan)
        : language === 'Go'
          ? goFile(plan)
          : nodeFile(plan);
  return `${lines.join('\n')}\n`;
}

/** What a build must not see: history, local settings, results, and files that only people need. */
export function makeIgnoreFile(): string {
  return `${[
    '.git',
    '.github',
    '.env',
    '.env.*',
    '!.env.example',
    '*.pem',
    '*.key',
    'node_modules',
    'dist',
    'build',
    'coverage',
    '.next',
    '.venv',
    '__pycache__',
    '*.pyc',
    'Dockerfile*',
    '.dockerignore',
    'compose*.yaml',
    'k8s',
    '*.log',
  ].join('\n')}\n`;
}

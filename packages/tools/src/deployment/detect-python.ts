import { factIn, inFolder, slugOf, type Component, type Project, type TextFact } from './stack.ts';

const FRAMEWORKS = ['django', 'flask', 'fastapi', 'starlette', 'quart', 'sanic'];
const NEEDS: Readonly<Record<string, string>> = {
  psycopg: 'postgres',
  psycopg2: 'postgres',
  'psycopg2-binary': 'postgres',
  asyncpg: 'postgres',
  redis: 'redis',
  celery: 'redis',
  pymongo: 'mongodb',
  mysqlclient: 'mysql',
  pymysql: 'mysql',
};
/** Asynchronous frameworks, which need another server. */
const ASYNCHRONOUS = new Set(['fastapi', 'starlette', 'quart', 'sanic']);

interface Sources {
  /** Texts that name packages. */
  lists: { path: string; text: string }[];
  folder: string;
}

function named({ lists }: Sources, name: string): TextFact | undefined {
  const expression = new RegExp(`^[\\s"']*${name}(?![\\w-])`, 'im');
  for (const list of lists) {
    const match = expression.exec(list.text);
    if (match !== null) return factIn(list, match[0].trim(), name);
  }
  return undefined;
}

function versionOf(sources: Sources, project: Project): TextFact | null {
  const path = inFolder(sources.folder, '.python-version');
  const text = project.manifests.get(path);
  if (text !== undefined) return factIn({ path, text }, text.trim(), text.trim());
  for (const list of sources.lists) {
    const match = /^\s*(?:requires-python|python)\s*=\s*["']([^"']+)["']/m.exec(list.text);
    if (match !== null) return factIn(list, match[0].trim(), match[1] ?? '');
  }
  return null;
}

function managerOf(sources: Sources, project: Project) {
  const has = (name: string) => project.paths.has(inFolder(sources.folder, name));
  const at = (name: string, value: string, install: string) => {
    const path = inFolder(sources.folder, name);
    return { manager: { value, path, line: 1, evidence: name }, install };
  };
  if (has('uv.lock')) return at('uv.lock', 'uv', 'uv sync --locked --no-dev');
  if (has('poetry.lock')) return at('poetry.lock', 'poetry', 'poetry install --only main');
  if (has('requirements.txt'))
    return at('requirements.txt', 'pip', 'pip install -r requirements.txt');
  return at('pyproject.toml', 'pip', 'pip install .');
}

/** Module and variable of the application, as servers want it: `shop.app:app`. */
function applicationOf(folder: string, project: Project): TextFact | undefined {
  const prefix = folder === '.' ? '' : `${folder}/`;
  const signal = project.signals.find(
    ({ kind, path }) => kind === 'application' && path.startsWith(prefix),
  );
  if (signal !== undefined) {
    const module = signal.path
      .slice(prefix.length)
      .replace(/(?:\/__init__)?\.py$/, '')
      .replace(/^src\//, '')
      .replaceAll('/', '.');
    return { ...signal, value: `${module}:${signal.value}` };
  }
  const wsgi = [...project.paths].find(
    (path) => path.startsWith(prefix) && /(?:^|\/)wsgi\.py$/.test(path),
  );
  if (wsgi === undefined) return undefined;
  const module = wsgi.slice(prefix.length).replace(/\.py$/, '').replaceAll('/', '.');
  return { value: `${module}:application`, path: wsgi, line: 1, evidence: wsgi };
}

/** The component that the Python manifests of a folder make. */
export function detectPython(folder: string, project: Project): Component {
  const lists = ['requirements.txt', 'pyproject.toml', 'Pipfile'].flatMap((name) => {
    const path = inFolder(folder, name);
    const text = project.manifests.get(path);
    return text === undefined ? [] : [{ path, text }];
  });
  const sources = { lists, folder };
  const { manager, install } = managerOf(sources, project);
  const frameworks = FRAMEWORKS.flatMap((name) => named(sources, name) ?? []);
  const application = frameworks.length === 0 ? undefined : applicationOf(folder, project);
  const isAsync = frameworks.some(({ value }) => ASYNCHRONOUS.has(value));
  const pyproject = lists.find(({ path }) => path.endsWith('pyproject.toml'))?.text ?? '';
  const hasTests = [...project.paths].some((path) => /(?:^|\/)test_[^/]+\.py$/.test(path));
  const pytest = named(sources, 'pytest');
  return {
    folder,
    name: slugOf(
      /^\s*name\s*=\s*["']([^"']+)/m.exec(pyproject)?.[1] ?? (folder === '.' ? 'app' : folder),
    ),
    version: /^\s*version\s*=\s*["']([^"']+)/m.exec(pyproject)?.[1] ?? '0.0.0',
    language: 'Python',
    kind: application === undefined ? 'library' : 'service',
    runtime_version: versionOf(sources, project),
    package_manager: manager,
    lock_file: manager.path.endsWith('lock') ? manager.path : null,
    frameworks,
    ports: application === undefined ? [] : [{ ...application, value: 8000 }],
    health_path: null,
    environment: [],
    needs: Object.entries(NEEDS).flatMap(([name, service]) => {
      const found = named(sources, name);
      return found === undefined ? [] : [{ ...found, value: service }];
    }),
    migrations: null,
    commands: {
      install: { ...manager, value: install },
      build: null,
      start:
        application === undefined
          ? null
          : {
              ...application,
              value: isAsync
                ? `uvicorn --host 0.0.0.0 --port 8000 ${application.value}`
                : `gunicorn --bind 0.0.0.0:8000 ${application.value}`,
            },
      test: pytest === undefined && !hasTests ? null : { ...(pytest ?? manager), value: 'pytest' },
      lint: null,
    },
  };
}

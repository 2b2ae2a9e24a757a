import { factIn, inFolder, slugOf, type Component, type Project } from './stack.ts';

function bare(folder: string, name: string, language: string): Component {
  return {
    folder,
    name: slugOf(name),
    version: '0.0.0',
    language,
    kind: 'service',
    runtime_version: null,
    package_manager: null,
    lock_file: null,
    frameworks: [],
    ports: [],
    health_path: null,
    environment: [],
    needs: [],
    migrations: null,
    commands: { install: null, build: null, start: null, test: null, lint: null },
  };
}

/** The component that a go.mod makes; its program is the only folder below cmd, or the module itself. */
export function detectGo(path: string, project: Project): Component {
  const text = project.manifests.get(path) ?? '';
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
  const manifest = { path, text };
  const module = /^module\s+(\S+)/m.exec(text)?.[1] ?? 'app';
  const version = /^go\s+(\d+\.\d+)/m.exec(text);
  const prefix = folder === '.' ? '' : `${folder}/`;
  const programs = [...project.paths]
    .flatMap((one) => /^cmd\/[^/]+\/main\.go$/.exec(one.slice(prefix.length))?.[0] ?? [])
    .map((one) => one.replace(/\/main\.go$/, ''));
  const hasMain = project.paths.has(inFolder(folder, 'main.go'));
  const target = programs.length === 1 ? `./${programs[0]}` : '.';
  const isProgram = hasMain || programs.length > 0;
  const frameworks = ['gin-gonic/gin', 'labstack/echo', 'gofiber/fiber', 'go-chi/chi']
    .filter((name) => text.includes(name))
    .map((name) => factIn(manifest, name, name));
  return {
    ...bare(folder, module.split('/').at(-1) ?? 'app', 'Go'),
    kind: isProgram ? 'service' : 'library',
    runtime_version: version === null ? null : factIn(manifest, version[0], version[1] ?? ''),
    package_manager: factIn(manifest, 'module', 'go'),
    lock_file: project.paths.has(inFolder(folder, 'go.sum')) ? inFolder(folder, 'go.sum') : null,
    frameworks,
    commands: {
      install: factIn(manifest, 'module', 'go mod download'),
      build: isProgram ? factIn(manifest, 'module', `go build -o /out/app ${target}`) : null,
      start: isProgram ? factIn(manifest, 'module', './app') : null,
      test: factIn(manifest, 'module', 'go test ./...'),
      lint: factIn(manifest, 'module', 'go vet ./...'),
    },
  };
}

/** Manifests of languages that are recognised; how to build them is said, images are not made for them. */
const OTHERS: Readonly<
  Record<string, { language: string; manager: string; build: string; test: string; name: RegExp }>
> = {
  'Cargo.toml': {
    language: 'Rust',
    manager: 'cargo',
    build: 'cargo build --release --locked',
    test: 'cargo test --locked',
    name: /^name\s*=\s*"([^"]+)"/m,
  },
  'pom.xml': {
    language: 'Java',
    manager: 'maven',
    build: 'mvn --batch-mode package',
    test: 'mvn --batch-mode test',
    name: /<artifactId>([^<]+)</,
  },
  'build.gradle': {
    language: 'Java',
    manager: 'gradle',
    build: './gradlew build',
    test: './gradlew test',
    name: /^archivesBaseName\s*=\s*['"]([^'"]+)/m,
  },
  Gemfile: {
    language: 'Ruby',
    manager: 'bundler',
    build: 'bundle install',
    test: 'bundle exec rake test',
    name: /^# name: (\S+)/m,
  },
  'composer.json': {
    language: 'PHP',
    manager: 'composer',
    build: 'composer install --no-dev',
    test: 'vendor/bin/phpunit',
    name: /"name"\s*:\s*"([^"]+)"/,
  },
};

/** True for the manifests of other languages. */
export function isOtherManifest(path: string): boolean {
  return Object.hasOwn(OTHERS, path.slice(path.lastIndexOf('/') + 1));
}

/** The component of such a manifest. */
export function detectOther(path: string, project: Project): Component | undefined {
  const known = OTHERS[path.slice(path.lastIndexOf('/') + 1)];
  if (known === undefined) return undefined;
  const text = project.manifests.get(path) ?? '';
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
  const at = (value: string) => factIn({ path, text }, '', value);
  return {
    ...bare(folder, known.name.exec(text)?.[1] ?? folder, known.language),
    package_manager: at(known.manager),
    commands: {
      install: null,
      build: at(known.build),
      start: null,
      test: at(known.test),
      lint: null,
    },
  };
}

import { stringify } from 'yaml';
import type { Blueprint } from './blueprint.ts';

interface Helper {
  service: Record<string, unknown>;
  /** Variables that the program reads to reach it. */
  variables: Record<string, string>;
  volume: string | null;
}

const LIMITS = (memory: string) => ({ resources: { limits: { cpus: '1.0', memory } } });
const check = (...test: string[]) => ({
  test: ['CMD', ...test],
  interval: '10s',
  timeout: '3s',
  retries: 10,
});

/** Services that programs need, as they stand beside them on one machine. */
const HELPERS: Readonly<Record<string, Helper>> = {
  postgres: {
    service: {
      image: 'postgres:17.6-alpine3.22',
      restart: 'unless-stopped',
      environment: {
        POSTGRES_DB: 'app',
        POSTGRES_PASSWORD: '${POSTGRES_PASSWORD:?set it in .env}',
      },
      volumes: ['postgres-data:/var/lib/postgresql/data'],
      healthcheck: check('pg_isready', '--username=postgres'),
      deploy: LIMITS('512M'),
    },
    variables: { DATABASE_URL: 'postgres://postgres:${POSTGRES_PASSWORD:?}@postgres:5432/app' },
    volume: 'postgres-data',
  },
  mysql: {
    service: {
      image: 'mysql:8.4.7',
      restart: 'unless-stopped',
      environment: {
        MYSQL_DATABASE: 'app',
        MYSQL_ROOT_PASSWORD: '${MYSQL_ROOT_PASSWORD:?set it in .env}',
      },
      volumes: ['mysql-data:/var/lib/mysql'],
      healthcheck: check('mysqladmin', 'ping'),
      deploy: LIMITS('1G'),
    },
    variables: { DATABASE_URL: 'mysql://root:${MYSQL_ROOT_PASSWORD:?}@mysql:3306/app' },
    volume: 'mysql-data',
  },
  redis: {
    service: {
      image: 'redis:8.2.3-alpine3.22',
      restart: 'unless-stopped',
      healthcheck: check('redis-cli', 'ping'),
      deploy: LIMITS('256M'),
    },
    variables: { REDIS_URL: 'redis://redis:6379' },
    volume: null,
  },
  mongodb: {
    service: {
      image: 'mongo:8.0.15',
      restart: 'unless-stopped',
      volumes: ['mongodb-data:/data/db'],
      healthcheck: check('mongosh', '--quiet', '--eval', 'db.runCommand({ ping: 1 })'),
      deploy: LIMITS('1G'),
    },
    variables: { MONGODB_URL: 'mongodb://mongodb:27017/app' },
    volume: 'mongodb-data',
  },
};

/** A Compose file with the program and the services that it needs. */
export function makeCompose({ component, port, variables, image }: Blueprint): string {
  const needs = component.needs.flatMap(({ value }) => {
    const helper = HELPERS[value];
    return helper === undefined ? [] : [{ name: value, helper }];
  });
  const given: Record<string, string> = Object.assign(
    {},
    ...needs.map(({ helper }) => helper.variables),
  );
  // A helper's address only goes where the program reads it.
  const environment = Object.fromEntries(
    variables.map((name) => [name, given[name] ?? `\${${name}:?set it in .env}`]),
  );
  const service = {
    build: '.',
    image,
    restart: 'unless-stopped',
    init: true,
    ports: [`127.0.0.1:${port}:${port}`],
    environment: { PORT: String(port), ...environment },
    read_only: true,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ...(needs.length === 0
      ? {}
      : {
          depends_on: Object.fromEntries(
            needs.map(({ name }) => [name, { condition: 'service_healthy' }]),
          ),
        }),
    deploy: LIMITS('512M'),
  };
  const volumes = needs.flatMap(({ helper }) => helper.volume ?? []);
  return stringify(
    {
      name: component.name,
      services: {
        [component.name]: service,
        ...Object.fromEntries(needs.map(({ name, helper }) => [name, helper.service])),
      },
      ...(volumes.length === 0
        ? {}
        : { volumes: Object.fromEntries(volumes.map((volume) => [volume, {}])) }),
    },
    { lineWidth: 120, aliasDuplicateObjects: false },
  );
}

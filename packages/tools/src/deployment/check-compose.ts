import { z } from 'zod';
import { isRecord } from '../security/audit-result.ts';
import {
  imageProblems,
  isLiteral,
  isSecretName,
  mask,
  type DeploymentFile,
  type Problem,
} from './deployment-files.ts';
import { readYaml, recordsIn, textsIn, type YamlDocument } from './yaml-file.ts';

const listOrMap = z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]);
/** The parts of the Compose specification that these rules read; others are let pass. */
const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.union([z.string(), z.looseObject({})]).optional(),
  ports: z
    .array(
      z.union([
        z.string(),
        z.number(),
        z.looseObject({ target: z.union([z.string(), z.number()]) }),
      ]),
    )
    .optional(),
  environment: listOrMap.nullish(),
  volumes: z.array(z.union([z.string(), z.looseObject({})])).optional(),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
  privileged: z.boolean().optional(),
  restart: z.string().optional(),
});
const fileSchema = z.looseObject({ services: z.record(z.string(), serviceSchema) });

interface Service {
  name: string;
  value: Record<string, unknown>;
  line(...path: (string | number)[]): number;
}

/** Variables with their values, from either form. */
function variablesOf(
  environment: unknown,
): { key: string | number; name: string; value: string }[] {
  if (isRecord(environment))
    return Object.entries(environment).map(([name, value]) => ({
      key: name,
      name,
      value: typeof value === 'string' || typeof value === 'number' ? String(value) : '',
    }));
  return textsIn(environment).map((text, key) => {
    const at = text.indexOf('=');
    return {
      key,
      name: at < 0 ? text : text.slice(0, at),
      value: at < 0 ? '' : text.slice(at + 1),
    };
  });
}

function checkRights({ name, value, line }: Service): Problem[] {
  const problems: Problem[] = [];
  if (value['privileged'] === true)
    problems.push({
      rule: 'compose.privileged',
      severity: 'critical',
      message: `"${name}" may do on the host whatever root may.`,
      line: line('privileged'),
      fix: 'Leave it out, and add single capabilities with cap_add.',
    });
  if (value['network_mode'] === 'host')
    problems.push({
      rule: 'compose.host_network',
      severity: 'medium',
      message: `"${name}" shares the network of the host, with everything that listens there.`,
      line: line('network_mode'),
      fix: 'Use a network of its own and publish single ports.',
    });
  const volumes = Array.isArray(value['volumes']) ? value['volumes'] : [];
  for (const [index, volume] of volumes.entries()) {
    const source =
      typeof volume === 'string'
        ? (volume.split(':')[0] ?? '')
        : isRecord(volume) && typeof volume['source'] === 'string'
          ? volume['source']
          : '';
    const isSocket = source.endsWith('docker.sock');
    if (!isSocket && !/^\/(?:etc|root|proc|sys|var\/run|boot)?\/?$/.test(source)) continue;
    problems.push({
      rule: isSocket ? 'compose.docker_socket' : 'compose.host_folder',
      severity: isSocket ? 'critical' : 'high',
      message: isSocket
        ? `"${name}" can start containers as root on the host through the socket of Docker.`
        : `"${name}" sees "${source}" of the host.`,
      line: line('volumes', index),
      fix: 'Use a named volume, or a folder that holds only what it needs.',
    });
  }
  return problems;
}

function checkValues({ name, value, line }: Service): Problem[] {
  return variablesOf(value['environment']).flatMap((variable): Problem[] => {
    if (!isSecretName(variable.name) || !isLiteral(variable.value)) return [];
    return [
      {
        rule: 'compose.secret_in_file',
        severity: 'high',
        message: `The value of "${variable.name}" of "${name}" stands in the file.`,
        line: line('environment', variable.key),
        evidence: `${variable.name}: ${mask(variable.value)}`,
        fix: `Take it from outside: \${${variable.name}:?}, or use "secrets".`,
      },
    ];
  });
}

const DATABASES = /(?:^|\/)(?:postgres|mysql|mariadb|mongo|redis|elasticsearch|memcached)[^/]*$/;

function checkPorts({ name, value, line }: Service): Problem[] {
  if (!DATABASES.test(typeof value['image'] === 'string' ? value['image'] : '')) return [];
  const ports = Array.isArray(value['ports']) ? value['ports'] : [];
  return ports.flatMap((port: unknown, index): Problem[] => {
    const text = typeof port === 'string' || typeof port === 'number' ? String(port) : '';
    if (text === '' || /^(?:127\.|\[?::1)/.test(text)) return [];
    return [
      {
        rule: 'compose.open_database',
        severity: 'medium',
        message: `The database "${name}" is reachable from other machines.`,
        line: line('ports', index),
        fix: 'Leave the port out (services reach each other without), or bind it to 127.0.0.1.',
      },
    ];
  });
}

function hasLimits(value: Record<string, unknown>): boolean {
  const deploy = isRecord(value['deploy']) ? value['deploy'] : {};
  const resources = isRecord(deploy['resources']) ? deploy['resources'] : {};
  return value['mem_limit'] !== undefined || isRecord(resources['limits']);
}

function checkService(service: Service, names: ReadonlySet<string>): Problem[] {
  const { name, value, line } = service;
  const problems = [...checkRights(service), ...checkValues(service), ...checkPorts(service)];
  if (typeof value['image'] === 'string')
    problems.push(...imageProblems('compose', value['image'], line('image')));
  else if (value['build'] === undefined && value['extends'] === undefined)
    problems.push({
      rule: 'compose.no_image',
      severity: 'high',
      message: `"${name}" has neither an image nor a build.`,
      line: line(),
      fix: 'Name one.',
    });
  if (!hasLimits(value))
    problems.push({
      rule: 'compose.no_limits',
      severity: 'low',
      message: `"${name}" may take all memory of the machine.`,
      line: line(),
      fix: 'Set deploy.resources.limits.',
    });
  const needs = isRecord(value['depends_on'])
    ? Object.keys(value['depends_on'])
    : textsIn(value['depends_on']);
  for (const [index, need] of needs.entries()) {
    if (names.has(need)) continue;
    problems.push({
      rule: 'compose.unknown_service',
      severity: 'high',
      message: `"${name}" waits for "${need}", which is not in the file.`,
      line: line('depends_on', Array.isArray(value['depends_on']) ? index : need),
      fix: 'Correct the name, or add the service.',
    });
  }
  return problems;
}

function checkDocument({ value, lineOf }: YamlDocument): Problem[] {
  const shape = fileSchema.safeParse(value);
  const services = recordsIn(value['services']);
  const names = new Set(services.map(([name]) => String(name)));
  const malformed = (shape.error?.issues ?? []).map((issue): Problem => ({
    rule: 'compose.malformed',
    severity: 'high',
    message: `"${issue.path.join('.')}" is not what Compose expects: ${issue.message}.`,
    line: lineOf(issue.path.map((part) => (typeof part === 'symbol' ? '' : part))),
    fix: 'See the Compose specification.',
  }));
  return [
    ...malformed,
    ...services.flatMap(([name, service]) =>
      checkService(
        {
          name: String(name),
          value: service,
          line: (...path) => lineOf(['services', name, ...path]),
        },
        names,
      ),
    ),
  ];
}

/** Everything that is wrong with a Compose file. */
export function checkCompose({ text }: DeploymentFile): Problem[] {
  const { documents, errors } = readYaml(text);
  return [
    ...errors.map(({ message, line }): Problem => ({
      rule: 'compose.malformed',
      severity: 'high',
      message,
      line,
      fix: 'Correct the YAML.',
    })),
    ...documents.flatMap(checkDocument),
  ];
}

import { isRecord } from '../security/audit-result.ts';
import {
  imageProblems,
  isLiteral,
  isSecretName,
  mask,
  type DeploymentFile,
  type Problem,
} from './deployment-files.ts';
import { readYaml, recordsIn, type YamlDocument } from './yaml-file.ts';

type Keys = readonly (string | number)[];

function at(value: unknown, path: Keys): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      isRecord(inner) ? inner[key] : Array.isArray(inner) ? inner[Number(key)] : undefined,
    value,
  );
}

/** Where each kind keeps what it starts. */
const POD_PATHS: Readonly<Record<string, Keys>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};
/** Kinds that answer requests for as long as they run. */
const LASTING = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

const REMOVED: Readonly<Record<string, string>> = {
  'extensions/v1beta1': 'apps/v1 or networking.k8s.io/v1',
  'apps/v1beta1': 'apps/v1',
  'apps/v1beta2': 'apps/v1',
  'batch/v1beta1': 'batch/v1',
  'policy/v1beta1': 'policy/v1',
  'networking.k8s.io/v1beta1': 'networking.k8s.io/v1',
  'autoscaling/v2beta1': 'autoscaling/v2',
  'autoscaling/v2beta2': 'autoscaling/v2',
};

interface Workload {
  kind: string;
  name: string;
  pod: Record<string, unknown>;
  line(...path: Keys): number;
}

interface Container {
  name: string;
  value: Record<string, unknown>;
  line(...path: Keys): number;
}

function checkPod({ name, pod, line }: Workload): Problem[] {
  const problems: Problem[] = [];
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC'])
    if (pod[key] === true)
      problems.push({
        rule: 'k8s.host_namespace',
        severity: 'high',
        message: `"${name}" shares ${key.slice(4).toLowerCase()} with its node.`,
        line: line(key),
        fix: `Leave "${key}" out.`,
      });
  for (const [index, volume] of recordsIn(pod['volumes']))
    if (isRecord(volume['hostPath']))
      problems.push({
        rule: 'k8s.host_path',
        severity: 'high',
        message: `"${name}" mounts a folder of its node.`,
        line: line('volumes', index, 'hostPath'),
        fix: 'Use a volume claim, a config map or an empty folder.',
      });
  return problems;
}

function checkSecurity(workload: Workload, container: Container): Problem[] {
  const own = at(container.value, ['securityContext']);
  const context = isRecord(own) ? own : {};
  const problems: Problem[] = [];
  if (context['privileged'] === true)
    problems.push({
      rule: 'k8s.privileged',
      severity: 'critical',
      message: `The container "${container.name}" may do on its node whatever root may.`,
      line: container.line('securityContext', 'privileged'),
      fix: 'Set it to false, and add single capabilities.',
    });
  const nonRoot = context['runAsNonRoot'] ?? at(workload.pod, ['securityContext', 'runAsNonRoot']);
  const user = context['runAsUser'] ?? at(workload.pod, ['securityContext', 'runAsUser']);
  if (user === 0 || (nonRoot !== true && user === undefined))
    problems.push({
      rule: 'k8s.root_user',
      severity: 'medium',
      message: `The container "${container.name}" may run as root.`,
      line: container.line('securityContext'),
      fix: 'Set runAsNonRoot: true.',
    });
  if (context['allowPrivilegeEscalation'] !== false && context['privileged'] !== true)
    problems.push({
      rule: 'k8s.privilege_escalation',
      severity: 'low',
      message: `A program in "${container.name}" may gain more rights than it was started with.`,
      line: container.line('securityContext'),
      fix: 'Set allowPrivilegeEscalation: false.',
    });
  return problems;
}

function checkVariables(container: Container): Problem[] {
  return recordsIn(container.value['env']).flatMap(([index, variable]): Problem[] => {
    const { name, value } = variable;
    if (typeof name !== 'string' || typeof value !== 'string') return [];
    if (!isSecretName(name) || !isLiteral(value)) return [];
    return [
      {
        rule: 'k8s.secret_in_file',
        severity: 'high',
        message: `The value of "${name}" stands in the file.`,
        line: container.line('env', index, 'value'),
        evidence: `${name}: ${mask(value)}`,
        fix: 'Take it from a Secret: valueFrom.secretKeyRef.',
      },
    ];
  });
}

function checkContainer(workload: Workload, container: Container): Problem[] {
  const { value, name, line } = container;
  const problems = [...checkSecurity(workload, container), ...checkVariables(container)];
  if (typeof value['image'] === 'string')
    problems.push(...imageProblems('k8s', value['image'], line('image')));
  const limits = at(value, ['resources', 'limits']);
  if (!isRecord(limits) || limits['memory'] === undefined)
    problems.push({
      rule: 'k8s.no_limits',
      severity: 'medium',
      message: `The container "${name}" may take all memory of its node.`,
      line: line('resources'),
      fix: 'Set resources.requests and resources.limits.',
    });
  if (
    LASTING.has(workload.kind) &&
    value['readinessProbe'] === undefined &&
    Array.isArray(value['ports'])
  )
    problems.push({
      rule: 'k8s.no_probe',
      severity: 'medium',
      message: `Requests reach "${name}" before it can answer.`,
      line: line(),
      fix: 'Add a readinessProbe.',
    });
  return problems;
}

function checkSelector({ value, lineOf }: YamlDocument): Problem[] {
  const selector = at(value, ['spec', 'selector', 'matchLabels']);
  const labels = at(value, ['spec', 'template', 'metadata', 'labels']);
  if (!isRecord(selector)) return [];
  const wrong = Object.entries(selector).find(
    ([key, wanted]) => !isRecord(labels) || labels[key] !== wanted,
  );
  if (wrong === undefined) return [];
  return [
    {
      rule: 'k8s.selector_mismatch',
      severity: 'high',
      message: `The selector wants the label "${wrong[0]}: ${String(wrong[1])}", which the template does not set.`,
      line: lineOf(['spec', 'selector', 'matchLabels', wrong[0]]),
      fix: 'Give selector and template the same labels.',
    },
  ];
}

function checkForm({ value, lineOf }: YamlDocument): Problem[] {
  const problems: Problem[] = [];
  const version = String(value['apiVersion']);
  const better = REMOVED[version];
  if (better !== undefined)
    problems.push({
      rule: 'k8s.removed_api',
      severity: 'high',
      message: `Clusters of today do not know "${version}" any more.`,
      line: lineOf(['apiVersion']),
      fix: `Use ${better}.`,
    });
  const name = at(value, ['metadata', 'name']) ?? at(value, ['metadata', 'generateName']);
  if (typeof name !== 'string' && value['kind'] !== 'Kustomization' && value['kind'] !== 'List')
    problems.push({
      rule: 'k8s.malformed',
      severity: 'high',
      message: `The ${String(value['kind'])} has no metadata.name.`,
      line: lineOf(['metadata']),
      fix: 'Name it.',
    });
  return problems;
}

function checkDocument(document: YamlDocument): Problem[] {
  const { value, lineOf } = document;
  const kind = String(value['kind']);
  const podPath = POD_PATHS[kind];
  if (podPath === undefined) return checkForm(document);
  const pod = at(value, podPath);
  const containers = isRecord(pod) ? recordsIn(pod['containers']) : [];
  const problems = [...checkForm(document), ...checkSelector(document)];
  if (!isRecord(pod) || containers.length === 0) {
    problems.push({
      rule: 'k8s.malformed',
      severity: 'high',
      message: `The ${kind} starts no container.`,
      line: lineOf(podPath),
      fix: 'Add spec.containers.',
    });
    return problems;
  }
  const name = at(value, ['metadata', 'name']);
  const workload: Workload = {
    kind,
    name: typeof name === 'string' ? name : kind,
    pod,
    line: (...path) => lineOf([...podPath, ...path]),
  };
  problems.push(...checkPod(workload));
  for (const key of ['initContainers', 'containers'])
    for (const [index, container] of recordsIn(pod[key]))
      problems.push(
        ...checkContainer(key === 'containers' ? workload : { ...workload, kind: 'Job' }, {
          name: typeof container['name'] === 'string' ? container['name'] : String(index),
          value: container,
          line: (...path) => workload.line(key, index, ...path),
        }),
      );
  return problems;
}

/** Labels that the pods of a file carry, and the selectors of its services. */
function checkServices(documents: readonly YamlDocument[]): Problem[] {
  const pods = documents.flatMap(({ value }) => {
    const path = POD_PATHS[String(value['kind'])];
    const labels =
      path === undefined ? undefined : at(value, [...path.slice(0, -1), 'metadata', 'labels']);
    return isRecord(labels) ? [labels] : [];
  });
  if (pods.length === 0) return [];
  return documents.flatMap(({ value, lineOf }): Problem[] => {
    const selector = at(value, ['spec', 'selector']);
    if (value['kind'] !== 'Service' || !isRecord(selector)) return [];
    const wanted = Object.entries(selector);
    if (pods.some((labels) => wanted.every(([key, one]) => labels[key] === one))) return [];
    return [
      {
        rule: 'k8s.service_without_pods',
        severity: 'high',
        message: 'The service selects no pod of this file, so nobody answers its requests.',
        line: lineOf(['spec', 'selector']),
        fix: 'Use the labels of the template.',
      },
    ];
  });
}

/** Everything that is wrong with a file of Kubernetes. */
export function checkKubernetes({ text }: DeploymentFile): Problem[] {
  const { documents, errors } = readYaml(text);
  const own = documents.filter(({ value }) => typeof value['kind'] === 'string');
  return [
    ...errors.map(({ message, line }): Problem => ({
      rule: 'k8s.malformed',
      severity: 'high',
      message,
      line,
      fix: 'Correct the YAML.',
    })),
    ...own.flatMap(checkDocument),
    ...checkServices(own),
  ];
}

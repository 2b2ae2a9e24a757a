import { stringify } from 'yaml';
import type { Blueprint } from './blueprint.ts';

/** How the cluster asks whether the program answers. */
function probe({ healthPath }: Blueprint, periodSeconds: number) {
  const way =
    healthPath === null
      ? { tcpSocket: { port: 'http' } }
      : { httpGet: { path: healthPath, port: 'http' } };
  return { ...way, periodSeconds, timeoutSeconds: 3, failureThreshold: 3 };
}

function container(plan: Blueprint) {
  const { component, image, port, variables } = plan;
  return {
    name: component.name,
    image,
    ports: [{ name: 'http', containerPort: port }],
    env: [{ name: 'PORT', value: String(port) }],
    ...(variables.length === 0
      ? {}
      : { envFrom: [{ secretRef: { name: `${component.name}-environment` } }] }),
    resources: {
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { cpu: '1', memory: '512Mi' },
    },
    startupProbe: { ...probe(plan, 2), failureThreshold: 30 },
    readinessProbe: probe(plan, 5),
    livenessProbe: probe(plan, 10),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
}

/** User of the image, as a number: names cannot be checked by the cluster. */
function userOf({ component }: Blueprint): number {
  if (component.kind === 'site') return 101;
  return component.language === 'Python' || component.language === 'Go' ? 10_001 : 1000;
}

/** A Deployment and its Service. Variables come from the Secret `<name>-environment`, which is not made here. */
export function makeKubernetes(plan: Blueprint): string {
  const { component } = plan;
  const labels = { 'app.kubernetes.io/name': component.name };
  const user = userOf(plan);
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: component.name, labels },
    spec: {
      replicas: 2,
      revisionHistoryLimit: 5,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: user,
            fsGroup: user,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [container(plan)],
          volumes: [{ name: 'tmp', emptyDir: {} }],
        },
      },
    },
  };
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: component.name, labels },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  };
  return [deployment, service]
    .map((document) => stringify(document, { lineWidth: 120, aliasDuplicateObjects: false }))
    .join('---\n');
}

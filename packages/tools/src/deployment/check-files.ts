import type { Finding } from '@automatos/contracts';
import { checkCompose } from './check-compose.ts';
import { checkDockerfile } from './check-dockerfile.ts';
import { checkKubernetes } from './check-kubernetes.ts';
import { checkWorkflow } from './check-workflow.ts';
import {
  kindOf,
  toFindings,
  type DeploymentFile,
  type DeploymentKind,
  type Problem,
} from './deployment-files.ts';

/** A checked file; files that are none of a deployment are left out. */
export interface CheckedFile {
  path: string;
  kind: DeploymentKind;
  findings: Finding[];
}

function problemsOf(
  kind: DeploymentKind,
  file: DeploymentFile,
  paths: ReadonlySet<string>,
): Problem[] {
  switch (kind) {
    case 'dockerfile': {
      const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1);
      const name = file.path.slice(folder.length);
      const hasIgnoreFile = [
        `${folder}.dockerignore`,
        '.dockerignore',
        `${folder}${name}.dockerignore`,
      ];
      return checkDockerfile(
        file,
        hasIgnoreFile.some((path) => paths.has(path)),
      );
    }
    case 'compose':
      return checkCompose(file);
    case 'kubernetes':
      return checkKubernetes(file);
    case 'workflow':
      return checkWorkflow(file);
  }
}

/** Checks files of a deployment; `paths` are all files of the project. Used for what exists and for what is generated. */
export function checkFiles(
  files: readonly DeploymentFile[],
  paths: ReadonlySet<string>,
): CheckedFile[] {
  return files.flatMap((file) => {
    const kind = kindOf(file);
    if (kind === undefined) return [];
    return [{ path: file.path, kind, findings: toFindings(file, problemsOf(kind, file, paths)) }];
  });
}

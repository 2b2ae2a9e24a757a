import {
  DockerfileParser,
  type Dockerfile,
  type From,
  type Instruction,
  type PropertyInstruction,
} from 'dockerfile-ast';
import {
  imageProblems,
  isLiteral,
  isSecretName,
  mask,
  type DeploymentFile,
  type Problem,
} from './deployment-files.ts';

const lineOf = (instruction: Instruction) => instruction.getRange().start.line + 1;

function checkBases(froms: readonly From[]): Problem[] {
  const stages = new Set<string>();
  return froms.flatMap((from) => {
    const image = from.getImage() ?? '';
    const isStage = stages.has(image.toLowerCase());
    const stage = from.getBuildStage();
    if (stage !== null) stages.add(stage.toLowerCase());
    if (isStage || image === '' || image === 'scratch') return [];
    return imageProblems('docker', image, lineOf(from));
  });
}

function checkValues(instruction: Instruction): Problem[] {
  const properties = (instruction as PropertyInstruction).getProperties();
  return properties.flatMap((property) => {
    const name = property.getName();
    const value = property.getValue() ?? '';
    if (!isSecretName(name) || !isLiteral(value)) return [];
    return [
      {
        rule: 'docker.secret_in_image',
        severity: 'critical' as const,
        message: `The value of "${name}" is stored in the image, where everybody who pulls it can read it.`,
        line: property.getRange().start.line + 1,
        evidence: `${instruction.getKeyword()} ${name}=${mask(value)}`,
        fix: 'Give it when the container starts, or mount it while building (RUN --mount=type=secret).',
      },
    ];
  });
}

interface RunRule {
  rule: string;
  severity: Problem['severity'];
  pattern: RegExp;
  unless?: RegExp;
  message: string;
  fix: string;
}

const RUN_RULES: readonly RunRule[] = [
  {
    rule: 'docker.download_and_run',
    severity: 'high',
    pattern: /\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b/,
    message: 'A downloaded script is run without anybody having looked at it.',
    fix: 'Download a fixed version, check its checksum, then run it.',
  },
  {
    rule: 'docker.package_cache',
    severity: 'low',
    pattern: /\bapt-get\b[^;&]*\binstall\b/,
    unless: /rm -rf \/var\/lib\/apt\/lists|--mount=type=cache/,
    message: 'The lists of packages stay in the image.',
    fix: 'End the same RUN with "rm -rf /var/lib/apt/lists/*".',
  },
  {
    rule: 'docker.unlocked_install',
    severity: 'medium',
    pattern: /\bnpm (?:install|i)\b(?!\s+(?:-g|--global|--location))/,
    message: 'npm install may take other versions than those that were tested.',
    fix: 'Use "npm ci" with the lock file.',
  },
  {
    rule: 'docker.world_writable',
    severity: 'medium',
    pattern: /\bchmod\s+(?:-R\s+)?(?:0?777|a\+rwx|o\+w)\b/,
    message: 'Everybody in the container may change these files.',
    fix: 'Give only the rights that are needed, with "COPY --chown".',
  },
];

function checkRun(instruction: Instruction): Problem[] {
  const text = instruction.getTextContent().replaceAll(/\\\r?\n/g, ' ');
  return RUN_RULES.filter(
    ({ pattern, unless }) => pattern.test(text) && unless?.test(text) !== true,
  ).map(({ rule, severity, message, fix }) => ({
    rule,
    severity,
    message,
    line: lineOf(instruction),
    fix,
  }));
}

const SECRET_FILE =
  /(?:^|\/)(?:\.env(?:\.\w+)?|\.npmrc|\.netrc|id_(?:rsa|ed25519|ecdsa)|[^/]+\.(?:pem|key|p12|pfx))$/;

function checkCopy(instruction: Instruction): Problem[] {
  const words = instruction
    .getArguments()
    .map((argument) => argument.getValue())
    .filter((word) => !word.startsWith('--'));
  const sources = words.slice(0, -1);
  const problems: Problem[] = [];
  const url = sources.find((source) => /^https?:\/\//.test(source));
  if (instruction.getKeyword() === 'ADD' && url !== undefined)
    problems.push({
      rule: 'docker.add_url',
      severity: 'medium',
      message: 'A file is taken from the network without a checksum.',
      line: lineOf(instruction),
      fix: 'Use "ADD --checksum=sha256:…", or download and check it in a RUN.',
    });
  const secret = sources.find((source) => SECRET_FILE.test(source));
  if (secret !== undefined && !/example|sample/.test(secret))
    problems.push({
      rule: 'docker.secret_file_copied',
      severity: 'high',
      message: `"${secret}" becomes part of the image, and of each layer after it.`,
      line: lineOf(instruction),
      fix: 'Leave it out by .dockerignore, and give it when the container starts.',
    });
  return problems;
}

function checkCommand(instruction: Instruction): Problem[] {
  const text = instruction.getArgumentsContent()?.trim() ?? '';
  if (text === '' || text.startsWith('[') || /^exec\s/.test(text)) return [];
  return [
    {
      rule: 'docker.shell_command',
      severity: 'low',
      message: 'The program is started by a shell, which keeps the signal to stop from it.',
      line: lineOf(instruction),
      fix: 'Write it as a list: CMD ["program", "argument"].',
    },
  ];
}

/** What holds for the stage that becomes the image. */
function checkFinalStage(instructions: readonly Instruction[]): Problem[] {
  const last = instructions.findLastIndex((one) => one.getKeyword() === 'FROM');
  const stage = instructions.slice(last);
  const [from] = stage;
  if (last === -1 || from === undefined) return [];
  const ofKind = (keyword: string) => stage.filter((one) => one.getKeyword() === keyword);
  const problems: Problem[] = [];
  const user = ofKind('USER').at(-1);
  const name = user?.getArgumentsContent()?.trim() ?? 'root';
  if (/^(?:root|0)(?::|$)/.test(name) && !/nonroot|unprivileged/.test(from.getTextContent()))
    problems.push({
      rule: 'docker.root_user',
      severity: 'high',
      message: 'The program runs as root in the container.',
      line: lineOf(user ?? from),
      fix: 'Create a user and switch to it with USER.',
    });
  if (ofKind('EXPOSE').length > 0 && ofKind('HEALTHCHECK').length === 0)
    problems.push({
      rule: 'docker.no_health_check',
      severity: 'low',
      message: 'Nothing tells whether the program in the container still answers.',
      line: lineOf(ofKind('EXPOSE')[0] ?? from),
      fix: 'Add a HEALTHCHECK that asks the program itself.',
    });
  return problems;
}

const CHECKS: Readonly<Record<string, (instruction: Instruction) => Problem[]>> = {
  ENV: checkValues,
  ARG: checkValues,
  RUN: checkRun,
  COPY: checkCopy,
  ADD: checkCopy,
  CMD: checkCommand,
  ENTRYPOINT: checkCommand,
};

const KEYWORDS = new Set(
  'FROM ENV ARG RUN COPY ADD CMD ENTRYPOINT USER EXPOSE HEALTHCHECK WORKDIR LABEL VOLUME SHELL STOPSIGNAL ONBUILD MAINTAINER'.split(
    ' ',
  ),
);

function checkForm(dockerfile: Dockerfile, instructions: readonly Instruction[]): Problem[] {
  const unknown = instructions.filter((one) => !KEYWORDS.has(one.getKeyword()));
  const problems: Problem[] = unknown.map((one) => ({
    rule: 'docker.unknown_instruction',
    severity: 'high',
    message: `There is no instruction "${one.getKeyword()}".`,
    line: lineOf(one),
    fix: 'Correct its name.',
  }));
  if (dockerfile.getFROMs().length === 0)
    problems.push({
      rule: 'docker.no_base',
      severity: 'high',
      message: 'There is no FROM, so nothing can be built.',
      line: 1,
      fix: 'Begin with the image to build on.',
    });
  return problems;
}

/** Everything that is wrong with a Dockerfile. */
export function checkDockerfile({ text }: DeploymentFile, hasIgnoreFile: boolean): Problem[] {
  const dockerfile = DockerfileParser.parse(text);
  const instructions = dockerfile.getInstructions();
  const problems = [
    ...checkForm(dockerfile, instructions),
    ...checkBases(dockerfile.getFROMs()),
    ...instructions.flatMap((one) => CHECKS[one.getKeyword()]?.(one) ?? []),
    ...checkFinalStage(instructions),
  ];
  const everything = instructions.find(
    (one) =>
      one.getKeyword() === 'COPY' &&
      /^(?:--\S+\s+)*\.\/?\s/.test(one.getArgumentsContent() ?? '') &&
      !/--from=/.test(one.getTextContent()),
  );
  if (everything !== undefined && !hasIgnoreFile)
    problems.push({
      rule: 'docker.no_ignore_file',
      severity: 'low',
      message:
        'Everything is copied, with the git history and local settings, as there is no .dockerignore.',
      line: lineOf(everything),
      fix: 'Add a .dockerignore.',
    });
  return problems;
}

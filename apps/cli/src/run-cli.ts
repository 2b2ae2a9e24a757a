import { isApiProblem } from '@automatos/sdk';
import { agentsCommand } from './commands/agents.ts';
import { approvalsCommand } from './commands/approvals.ts';
import { auditCommand } from './commands/audit.ts';
import { budgetsCommand } from './commands/budgets.ts';
import { doctorCommand, upCommand } from './commands/others.ts';
import { mcpCommand } from './commands/mcp.ts';
import { modelsCommand, providersCommand } from './commands/providers.ts';
import { credentialsCommand } from './commands/credentials.ts';
import { recipesCommand } from './commands/recipes.ts';
import { runCommand } from './commands/run.ts';
import { runsCommand } from './commands/runs.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { tasksCommand } from './commands/tasks.ts';
import { usageCommand } from './commands/usage.ts';
import { keysCommand, sessionsCommand } from './commands/keys.ts';
import { loginCommand, logoutCommand } from './commands/login.ts';
import { invitationsCommand, membersCommand } from './commands/members.ts';
import { privacyCommand } from './commands/privacy.ts';
import { securityCommand } from './commands/security.ts';
import { usersCommand } from './commands/users.ts';
import { workspacesCommand } from './commands/workspaces.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { paint, type Shell } from './shell.ts';

const HELP = `automatos: durable multi-agent runs from the command line

  automatos run <recipe> [--input name=value …] [--input-json <json|file|->] [--watch] [--detach] [--title <text>]
                         [--cancel-on-interrupt] [--priority low|normal|high] [--dry-run]
  automatos runs list [--status <status>] [--limit <1-100>]
  automatos runs show <id> [--watch]        automatos runs document <id> <document> [-o f]
  automatos runs cancel|pause|resume <id>   automatos runs events <id> [--watch]
  automatos runs retry <id> [--watch]       automatos runs compare <id> <id>
  automatos runs fork <id> --from <step> [--input name=value …] [--model provider/model] [--current] [--watch]
  automatos runs signal <id> <name> [--payload <json>]      automatos runs quality <id>
  automatos runs findings <id> [--format sarif|json|markdown|csv] [-o f]
  automatos approvals list [--all]          automatos approvals approve|reject <id> [--comment <text>] [--values <json>]
  automatos schedules list                  automatos schedules fires|delete <id>
  automatos schedules preview|create [<recipe>] --cron <fields> [--timezone <zone>] | --every <ms> | --at <time>
  automatos recipes list                    automatos recipes validate <file>
  automatos recipes export <recipe> [-o f]  automatos recipes import <file> [--update]
  automatos recipes versions <recipe>       automatos recipes diff <recipe> <version> [<version>]
  automatos recipes restore <recipe> <version>              automatos recipes learning <recipe>
  automatos credentials list [--type t] [--platform]        automatos credentials types
  automatos credentials create <type> [--name n] [--platform] --field name=value|name=-|name=@file …
  automatos credentials test|delete <id>    automatos credentials key-status|rotate-key
  automatos audit list [--actor a] [--action a] [--outcome o] [--from t] [--to t] [--search text] [--limit <1-100>]
  automatos audit verify [--anchor <row>:<hash>]            automatos audit anchor
  automatos audit export [--format ndjson|csv] [-o f]       (and the filters of list)
  automatos login [--email <e-mail>]        automatos logout          (sign in as a person; asks for password and code)
  automatos workspaces list                 automatos workspaces create <name> [--slug s]
  automatos workspaces rename <workspace> [<name>] [--slug s]         automatos workspaces use <workspace>|-
  automatos workspaces delete <workspace> --confirm <short name>
  automatos members list [--search text]    automatos members set-role <e-mail> <role>
  automatos members remove <e-mail>         automatos invitations list [--state s]
  automatos invitations create <e-mail> [--role r] [--days n]         automatos invitations revoke <id>
  automatos keys list                       automatos keys rotate <id> [--grace-hours n]
  automatos keys create <name> [--role r] [--scope p …] [--kind server|browser] [--origin url …] [--limit n] [--days n]
  automatos keys revoke <id>                automatos sessions list
  automatos sessions revoke <id>|--others   automatos users list [--search text]
  automatos users disable|enable|make-admin|unmake-admin|reset-mfa <e-mail>
  automatos security list [--level l] [--action a] [--search text] [--platform]
  automatos security show <id>              automatos security blocks [--all]
  automatos security unblock <id>           automatos privacy requests list [--status s] [--type t]
  automatos privacy requests show <id>      automatos privacy requests export <id> [--format json|markdown] [-o f]
  automatos privacy requests decide <id> --verify <how> | --execute | --refuse <reason> | --extend <reason> [--months n]
  automatos privacy retention show|run
  automatos agents list [--status s] [--category c] [--capability c] [--tool t] [--tag t] [--search text]
  automatos agents show <agent>             automatos agents status <agent> active|paused|retired
  automatos agents run <agent> [--target <folder|file|url|text>] [--task <type>] [--param name=value …] [--prompt <text>]
                         [--watch] [--detach] [--dry-run] [--format sarif|json|markdown|csv] [-o f]
  automatos agents versions <agent>         automatos agents diff|restore <agent> <version> [<version>]
  automatos agents export <agent> [-o f]    automatos agents import <file> [--on-conflict new_slug|new_version|skip|fail]
  automatos agents clone <agent> [--name n]
  automatos tasks run "<goal>" [--target <folder|file|url|text>] [--agent a …] [--pattern p] [--param name=value …] [--watch] [--detach]
  automatos tasks list                      automatos tasks show <id> [--watch]      automatos tasks cancel <id>
  automatos providers [list]                automatos providers health [--window <minutes>]
  automatos providers test <id>             automatos models [--provider <id>]
  automatos budgets list                    automatos budgets remove <id>
  automatos budgets add <name> --limit <dollars> [--window call|run|day|month|total] [--agent <slug>]
                         [--unknown-price-ceiling <input>,<output>]
  automatos usage [--by day|model|agent|provider|run|source] [--days <1-366>]
  automatos mcp                             Model Context Protocol over standard input and output
  automatos doctor                          what works and what does not
  automatos up                              start the product (npm start)

Everywhere: --json  --url <server>  --api-key <key>  --workspace <id>  --data <data folder>
Credentials: --api-key, else AUTOMATOS_API_KEY, else the sign-in of "automatos login", else operator.json of the data folder of a
server on this machine.
Exit codes: 0 completed, 1 failed, 2 wrong input, 3 cancelled, 4 server unreachable or unauthorised, 5 not ended (paused, left).
`;

const COMMANDS: Readonly<
  Record<string, (shell: Shell, args: readonly string[]) => Promise<number>>
> = {
  run: runCommand,
  runs: runsCommand,
  recipes: recipesCommand,
  approvals: approvalsCommand,
  schedules: schedulesCommand,
  audit: auditCommand,
  credentials: credentialsCommand,
  agents: agentsCommand,
  tasks: tasksCommand,
  providers: providersCommand,
  models: modelsCommand,
  budgets: budgetsCommand,
  usage: usageCommand,
  login: loginCommand,
  logout: logoutCommand,
  workspaces: workspacesCommand,
  members: membersCommand,
  invitations: invitationsCommand,
  keys: keysCommand,
  sessions: sessionsCommand,
  users: usersCommand,
  security: securityCommand,
  privacy: privacyCommand,
  mcp: mcpCommand,
  doctor: doctorCommand,
  up: upCommand,
};

/** Runs one command line and gives its exit code; failures are told on standard error, never as a stack. */
export async function runCli(shell: Shell, argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  const wantsHelp =
    name === undefined || name === 'help' || argv.includes('--help') || argv.includes('-h');
  if (wantsHelp && name !== 'up') {
    shell.out(HELP);
    return name === undefined ? EXIT.usage : EXIT.completed;
  }
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name ?? ''] : undefined;
  if (command === undefined) {
    shell.err(`There is no command "${name}". Try: automatos help\n`);
    return EXIT.usage;
  }
  try {
    return await command(shell, args);
  } catch (error) {
    return fail(shell, error, argv.includes('--json'));
  }
}

function fail(shell: Shell, error: unknown, json: boolean): number {
  const isWrongFlag = String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
  const code = isWrongFlag ? EXIT.usage : exitCodeOf(error);
  const message = (error as Error).message;
  if (json)
    shell.out(
      `${JSON.stringify({ error: { message, ...(isApiProblem(error) ? { code: error.code, status: error.status, errors: error.errors } : {}) } })}\n`,
    );
  shell.err(`${paint(shell, 'red', 'error')}: ${message}\n`);
  if (!isApiProblem(error)) return code;
  for (const field of error.errors) shell.err(`  ${field.pointer}: ${field.message}\n`);
  if (error.status === 0)
    shell.err('Is it running? Start it with "automatos up", or name another server with --url.\n');
  if (error.status === 401)
    shell.err(
      'Sign in with "automatos login", or give a key with --api-key or AUTOMATOS_API_KEY; keys are made under Settings.\n',
    );
  if (error.code === 'identity.workspace.not_member')
    shell.err(
      'Choose another with --workspace, or let the server pick: automatos workspaces use -\n',
    );
  if (error.requestId !== null && error.status >= 500)
    shell.err(`request id: ${error.requestId}\n`);
  return code;
}

/** Every error code that this room throws or puts into an outcome, with one sentence for the documentation. */
export const TOOLS_ERROR_CODES = {
  'tools.tool.not_found':
    'No tool has this name, or it is not offered to this caller; the message suggests near names.',
  'tools.tool.not_granted':
    'The agent or step was not given this tool, or not at the level that the action needs.',
  'tools.capability.not_allowed':
    'The step limits what may be done (capabilities), and the tool or action needs more.',
  'tools.permission.check_failed': 'The permission check itself failed, so the call was refused.',
  'tools.registry.invalid':
    'A tool definition is unusable: duplicate or malformed name, or no module to load in a worker.',
  'tools.arguments.invalid':
    'The arguments do not fit the input schema of the tool; each problem is listed with its JSON pointer.',
  'tools.arguments.unsafe':
    'The arguments hold a key that is refused (prototype or invisible characters), or are too deep or too large.',
  'tools.output.invalid': 'The tool returned something that its own output schema refuses.',
  'tools.run.failed': 'The tool threw an error that it did not foresee.',
  'tools.run.timeout': 'The tool did not end within its time limit and was stopped.',
  'tools.run.out_of_memory':
    'The tool used more memory than a worker may and was stopped; other work was not touched.',
  'tools.worker.failed': 'The process that ran the tool ended unexpectedly.',
  'tools.worker.overloaded': 'Too many tool calls wait for a worker already.',
  'tools.executor.closed': 'The executor is shutting down and takes no more calls.',
  'tools.tool.disabled': 'The workspace has switched this tool off.',
  'tools.approval.required':
    'The call needs the consent of a person first; inside of a run they are asked, elsewhere it ends here.',
  'tools.approval.rejected':
    'A person was asked about the call and refused it, or nobody decided in time.',
  'tools.rate.exceeded':
    'The workspace limits how often the tool may be called in a minute; the message says when it may be called again.',
  'tools.scratchpad.full': 'The notes of the run take as much as they may.',
  'tools.service.missing':
    'The tool needs something that is not there in this place, such as a run or the folder of a workspace.',
  'tools.workspace.quota_exceeded':
    'The folder of the workspace holds as much as it may; delete files or raise the quota.',
  'tools.workspace.network_denied':
    'The command asked for the network, and the workspace allows no host.',
  'tools.workspace.secret_missing':
    'The command asked for a variable that the settings of the workspace do not give to commands.',
  'tools.calculator.invalid':
    'The expression cannot be read or has no value; the message names the place.',
  'tools.date.invalid': 'A date, time, zone or duration cannot be read.',
  'tools.query.invalid': 'The path into the JSON value cannot be read.',
  'tools.blackboard.unavailable':
    'The agent does not work in a run, so there is no blackboard that it could share.',
  'tools.blackboard.version_conflict':
    'The note was written by somebody else since it was read; the message names its version.',
  'tools.blackboard.message_incomplete':
    'A message lacks its text, or names neither or both of a topic and an agent.',
  'tools.sandbox.unavailable':
    'This machine cannot isolate programs, so none is run; the message says what is missing.',
  'tools.sandbox.command_invalid':
    'A mount or a variable of the environment cannot be given to a program as asked.',
  'tools.sandbox.copy_too_large':
    'The folder is too large to be copied for programs that run isolated; give a smaller one.',
  'tools.coverage.malformed':
    'The coverage report is of no known format, or broken; the message names the formats.',
  'tools.tests.failing': 'The tests fail before anything was changed, so changes prove nothing.',
  'tools.tests.unreadable':
    'The test command printed no result of a single test in a form that can be read.',
  'tools.profile.none': 'The command left no CPU profile that can be read.',
  'tools.measurements.malformed':
    'The file of measurements holds no samples; the message shows the form.',
  'tools.docs.no_symbols': 'The folder exports nothing that a reference could describe.',
  'tools.code.failed':
    'The code threw, cannot be read, defines no main(input) or returned no JSON; the message names the line.',
  'tools.code.stopped': 'The code passed its limit of time, memory, files or output.',
  'tools.root.none': 'No folder is allowed for tools; set AUTOMATOS_ROOTS.',
  'tools.path.invalid': 'The path is empty, too long or holds a NUL character.',
  'tools.path.outside_root':
    'The path lies outside the allowed roots, directly or through a symbolic link.',
  'tools.path.not_found': 'Nothing exists at the path.',
  'tools.path.not_folder': 'The path is a file where a folder is needed.',
  'tools.path.not_file': 'The path is a folder or a special file where a regular file is needed.',
  'tools.path.symlink': 'Writing through a symbolic link is refused.',
  'tools.path.unreadable': 'The operating system refused to read the path.',
  'tools.path.exists': 'The file exists and overwriting was not asked for.',
  'tools.path.write_failed':
    'The operating system refused the write, for example because the disk is full.',
  'tools.file.binary': 'The file is binary and this tool reads text.',
  'tools.file.too_large': 'The file is larger than this tool reads.',
  'tools.pattern.invalid': 'The regular expression or glob is not valid.',
  'tools.data.unsupported': 'The file is not CSV, TSV, JSON, NDJSON or Parquet.',
  'tools.data.malformed': 'The data file cannot be parsed; the message names the line.',
  'tools.data.empty': 'The data file has no rows.',
  'tools.data.column_not_found': 'No column has this name; the message lists the columns.',
  'tools.sql.invalid': 'The SQL cannot be parsed or run; the message says where.',
  'tools.sql.refused': 'The SQL is not one SELECT; files are read and never changed.',
  'tools.sql.stopped': 'The query took too much time or memory and was stopped.',
  'tools.chart.no_points': 'No finite value was given to draw.',
  'tools.advisories.none': 'The folder or file of advisories holds none in OSV form.',
  'tools.git.revision_not_found':
    'The commit, tag or branch does not exist in the repository at this path.',
  'tools.git.no_repository': 'The folder lies in no git repository that may be read.',
  'tools.api.not_a_spec': 'The file is no OpenAPI description of a known version.',
  'tools.api.malformed': 'The API description cannot be parsed; the message names the line.',
  'tools.metrics.none': 'No metrics, or no metric of this name, were found under the path.',
  'tools.deployment.stack_unsupported':
    'The project holds nothing that deployment files or a rollout can be made for; the message says what was found.',
  'tools.deployment.result_invalid':
    'Files that were made break the rules that foreign ones are held to, so they are not offered.',
  'tools.deployment.no_settings': 'The place that was named as an environment holds no settings.',
  'tools.deployment.settings_malformed': 'A file of settings is no valid JSON or YAML.',
  'tools.logs.none': 'No log file was found under the path.',
  'tools.sources.none': 'A tool over sources was given no URL, file or folder.',
  'tools.sources.unreadable': 'The page was not read; the message gives the reason.',
  'tools.question.none': 'A research tool was given no question.',
  'tools.document.refused':
    'The document would harm its parser (packed too well, too many pages, odd names) or is damaged.',
  'tools.connection.no_url': 'No address was given to try, or the document names no server.',
  'tools.mapping.invalid': 'The mapping document is not one; the message names what is wrong.',
  'tools.mapping.schema_invalid': 'The target schema is no JSON schema that can be used.',
  'tools.records.no_key': 'No field identifies the records on both sides; name one.',
  'tools.secret.not_found':
    'The named secret is not in the file, or only one of file and name was given.',
  'tools.network.address_denied':
    'The address is private, loopback, link-local or otherwise not public, and not on the allow list.',
  'tools.network.scheme_denied': 'Only http and https URLs may be requested.',
  'tools.network.url_invalid': 'The URL cannot be parsed or carries a user name or password.',
  'tools.network.redirect_unencrypted': 'The server redirected from https to http.',
  'tools.network.redirects_exceeded': 'The server redirected too often.',
  'tools.network.failed': 'The request failed before an answer came.',
  'tools.network.timeout': 'The server did not answer in time.',
} as const;

export type ToolsErrorCode = keyof typeof TOOLS_ERROR_CODES;

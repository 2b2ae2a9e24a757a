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
  'tools.sandbox.unavailable':
    'This machine cannot isolate programs, so none is run; the message says what is missing.',
  'tools.sandbox.command_invalid':
    'A mount or a variable of the environment cannot be given to a program as asked.',
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
  'tools.data.unsupported': 'The file is not CSV, TSV, JSON or NDJSON.',
  'tools.data.malformed': 'The data file cannot be parsed; the message names the line.',
  'tools.data.empty': 'The data file has no rows.',
  'tools.data.column_not_found': 'No column has this name; the message lists the columns.',
  'tools.chart.no_points': 'No finite value was given to draw.',
  'tools.logs.none': 'No log file was found under the path.',
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

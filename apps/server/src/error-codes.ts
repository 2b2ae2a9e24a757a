/** Every error code that the edge and the configuration throw, with its documentation sentence. */
export const SERVER_ERROR_CODES = {
  'config.settings.invalid':
    'The configuration has problems; each is listed with its key and what is expected.',
  'config.data_folder.unusable':
    'The data folder is no folder, or cannot be read or written; the message says why.',
  'http.port.in_use':
    'The port is taken by another program; the message names the flag that chooses another.',
  'http.port.unavailable': 'The address or port cannot be listened on.',
  'mcp.arguments.invalid':
    'The arguments of a tool call over the Model Context Protocol do not fit its schema; each is named.',
  'own_api.request.failed':
    'What a protocol in front of the API asked it for was refused without a code; the message says what is known.',
  'http.route.not_found': 'No operation has this path.',
  'http.method.not_allowed':
    'The path exists, but not with this method; the Allow header names those that do.',
  'http.body.malformed': 'The body is not valid JSON.',
  'http.body.too_deep': 'The body nests deeper than 32 levels.',
  'http.body.text_too_long':
    'A text in the body is longer than 1 Mi characters, or than a larger body of the operation.',
  'http.body.too_many_values': 'The body holds more than 100,000 fields and items.',
  'http.body.forbidden_key': 'The body holds a key that could change an object prototype.',
  'http.body.too_large': 'The body is larger than the server accepts.',
  'http.body.unexpected': 'This operation takes no body.',
  'http.media_type.unsupported': 'The body must be sent as application/json.',
  'http.content_encoding.unsupported': 'Bodies are taken unpacked only.',
  'http.request.timeout': 'Headers or body did not arrive in time; the connection was closed.',
  'http.request.malformed': 'The request line, a header or the URL cannot be read.',
  'http.rate.limited': 'Too many requests in the last minute; Retry-After says when to come back.',
  'http.origin.forbidden':
    'A browser sent this write from another site; cookies are only accepted from the own pages.',
  'http.precondition.required':
    'This update needs If-Match with the ETag of the version that was last read.',
  'http.response.invalid':
    'The server made an answer that its own contract forbids; the log has the place.',
  'http.idempotency_key.invalid': 'The Idempotency-Key must have 1 to 200 visible characters.',
  'http.idempotency_key.reused':
    'The Idempotency-Key was used for another request in the last 24 hours.',
  'http.idempotency_key.in_progress':
    'The first request with this Idempotency-Key has not ended yet.',
  'http.client.gone':
    'The client closed the connection before the answer; work for it was aborted.',
  'http.server.closing': 'The server is shutting down; the client should connect again.',
  'request.input.invalid':
    'Fields of path, query or body are not valid; errors lists each with a JSON pointer.',
  'auth.credentials.missing': 'The operation needs a session cookie, an API key or a bearer token.',
  'auth.permission.missing': 'The caller lacks the permission that the message names.',
  'realtime.frame.invalid': 'A WebSocket frame is no JSON of a known form.',
  'realtime.room.unknown': 'The room is none of workspace, run:{id}, metrics.',
  'realtime.clients.limit': 'The server has as many live clients as it accepts; try again later.',
  'realtime.room.limit': 'One WebSocket may join at most 50 rooms.',
  'config.secret.mismatch':
    'The database belongs to an installation with another secret than this process has.',
  'system.check.timeout': 'A health check did not answer in three seconds.',
  'run.source.not_available': 'The file is outside the input folders of the run, or is gone.',
  'v1.model.not_found':
    'No model, agent or recipe has the id that the request names; GET /v1/models lists what can be asked.',
  'v1.parameter.unsupported':
    'A field of the request would have no effect on the model that it names; the message says what to do instead.',
  'v1.recipe.inputs_unclear':
    'The last message is neither a JSON object of inputs nor enough for the inputs that the recipe asks for.',
  'v1.run.cancelled': 'The run behind an agent or a recipe was cancelled before it had an answer.',
  'v1.run.unwatched':
    'The server stops and answers no longer; the run behind the answer goes on and can be read under its id.',
  'web.build.missing': 'The web application is not built; the message says how to build it.',
} as const;

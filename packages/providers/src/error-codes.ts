/** Every error code this package throws, with one sentence for the reference. */
export const PROVIDERS_ERROR_CODES = {
  'provider.item.not_found': 'No provider with this id in the catalogue.',
  'providers.provider.unknown':
    'The named provider is not in the catalogue; the message suggests the likely one.',
  'providers.provider.not_connectable':
    'The provider is listed, but this version has no codec for its wire.',
  'providers.model.unknown':
    'The provider has no such model in the catalogue; the message suggests the likely one.',
  'providers.model.wrong_kind':
    'The model exists but cannot answer (an embedding model was named).',
  'providers.model.retired':
    'The vendor removed this model; the message names what it offers in its place.',
  'providers.model.lacks_capability':
    'The model or its provider cannot do what the request needs (tools, images, embeddings, reranking); nothing was sent.',
  'providers.call.values_invalid':
    'The texts to embed or to rank have a form that cannot be sent (none, too many, an empty one).',
  'providers.model.none_found':
    'The configured server lists no model, so there is none to use by default.',
  'providers.model.unavailable':
    'The vendor says that this model does not exist or is not open to this key.',
  'providers.credential.missing':
    'The provider needs an API key or a base URL that is not configured.',
  'providers.credential.base_url_invalid':
    'The configured base URL is not an http(s) URL, or it holds a user name, password, query or fragment.',
  'providers.address.denied':
    'The base URL of a stored credential leads to an address that is not public and not allowed by the operator.',
  'providers.credential.rejected':
    'The vendor refused the API key, or the key lacks the permission.',
  'providers.circuit.open':
    'The model failed so often, or in such a way, that it is left alone for a while; the error says until when.',
  'providers.circuit.not_found':
    'No circuit of this id belongs to the credentials of the workspace.',
  'providers.router.version_mismatch':
    'The router settings were changed since they were read; read them again and repeat the change.',
  'providers.router.chain_invalid':
    'The chain, a limit or the semantic cache names a provider or a model that does not exist; the pointer says which.',
  'providers.route.exhausted':
    'Several candidates were tried or passed over and none answered; details.attempts lists them in order.',
  'providers.limit.queue_full':
    'As many calls as allowed wait already for a place within the limits of this model.',
  'providers.limit.wait_too_long':
    'No place within the limits of this model came free in the time a call may wait.',
  'providers.call.too_expensive':
    'The call may cost more at this model than its caller has left, or the price is unknown while money is limited.',
  'providers.call.rate_limited':
    'The vendor asks to wait; the error says how long when the vendor said so.',
  'providers.call.no_credit':
    'The account with the vendor has no money or quota left; a retry cannot help.',
  'providers.call.overloaded': 'The vendor is overloaded; a retry or another provider may help.',
  'providers.call.rejected':
    'The vendor refused the request as wrong; the same request would be refused again.',
  'providers.call.upstream_error': 'The vendor answered with a server error.',
  'providers.call.unreachable':
    'No connection to the vendor could be made, or it broke before an answer began.',
  'providers.call.redirected':
    'The server answered with a redirect, which is not followed because the key would travel along.',
  'providers.call.stream_cut':
    'The stream ended before the answer was complete; nothing of it counts.',
  'providers.call.timeout':
    'The vendor took longer than allowed to connect, to the first token, between tokens, or in all.',
  'providers.call.cancelled':
    'The caller cancelled the call; the request to the vendor was aborted.',
  'providers.call.messages_invalid': 'The messages of the call have a form that cannot be sent.',
  'providers.context.overflow':
    'Prompt and requested output do not fit into the context of the model.',
  'providers.answer.malformed':
    'The answer of the server is not in the form of its wire (broken JSON, a web page, no finish).',
  'providers.answer.too_large': 'The answer passed the bound on its size.',
  'providers.answer.tool_call_malformed':
    'The model called a tool with arguments that are not a JSON object.',
  'providers.answer.schema_mismatch':
    'The answer is not JSON or does not fit the requested schema; it may be repaired by one more call.',
  'providers.schema.invalid':
    'The requested response schema is not a JSON schema that can be compiled.',
  'providers.offline.cannot_answer':
    'The offline provider found nothing in the request to work on; it never invents. Give tools, inputs or context, or configure a language model.',
  'providers.calls.cursor_invalid': 'The cursor is not one that the list of calls gave out.',
  'providers.prices.unreadable':
    'The price package could not be loaded from its address; the prices in use stay.',
  'providers.prices.package_invalid':
    'What the address answered is no price package; the prices in use stay.',
  'providers.budget.exceeded':
    'The call could cost more than a budget of the workspace has left; the error names the budget, what is spent and set aside of it, and when it opens again.',
  'providers.budget.price_unknown':
    'The price of the model is unknown, and a budget that covers the call names no ceiling for unknown prices.',
  'providers.budget.not_found': 'The workspace has no such budget.',
  'providers.budget.agent_unknown':
    'The budget names an agent that is not in the workspace; the error suggests the likely one.',
  'providers.budget.version_mismatch':
    'The budget was changed since it was read; read it again and repeat the change.',
  'providers.budget.too_many': 'The workspace has as many budgets as it may have.',
  'providers.budget.cursor_invalid': 'The cursor is not one that the list of budgets gave out.',
} as const;

export type ProvidersErrorCode = keyof typeof PROVIDERS_ERROR_CODES;

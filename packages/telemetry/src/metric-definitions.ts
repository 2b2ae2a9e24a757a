/**
 * One declared metric. `labels` maps each label to its closed list of values, or to null when the values come from data
 * (routes, tools, models). Nothing that identifies a user, workspace, run or address may ever be a label.
 */
export interface MetricDefinition {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: Readonly<Record<string, readonly string[] | null>>;
  /** Upper bounds of a histogram, in seconds. */
  buckets?: readonly number[];
}

const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const DATABASE = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const PROVIDER = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];
const FIRST_TOKEN = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const AGENT = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
const TASK = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800];
const WAIT = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900];

const TASK_TYPE = null;
const PRIORITY = ['high', 'normal', 'low'];
const DIRECTION = ['input', 'output', 'cached'];
const TRANSPORT = ['ws', 'sse'];

/** Every metric of the product by name; a name or label that is not here is refused. */
export const METRIC_DEFINITIONS = {
  amas_task_executions_total: {
    type: 'counter',
    help: 'Runs that ended',
    labels: { task_type: TASK_TYPE, status: ['completed', 'failed', 'cancelled'] },
  },
  amas_task_duration_seconds: {
    type: 'histogram',
    help: 'Run start to end, waiting for approval excluded',
    labels: { task_type: TASK_TYPE },
    buckets: TASK,
  },
  amas_task_success_rate: {
    type: 'gauge',
    help: 'Share completed of the last 100 runs',
    labels: { task_type: TASK_TYPE },
  },
  amas_tasks_active: { type: 'gauge', help: 'Runs this process is executing', labels: {} },
  amas_task_queue_depth: { type: 'gauge', help: 'Runs queued', labels: { priority: PRIORITY } },
  amas_task_queue_wait_seconds: {
    type: 'histogram',
    help: 'Queued to started',
    labels: { priority: PRIORITY },
    buckets: WAIT,
  },
  amas_task_errors_total: {
    type: 'counter',
    help: 'Run failures by error kind',
    labels: { task_type: TASK_TYPE, error_type: null },
  },
  amas_step_executions_total: {
    type: 'counter',
    help: 'Steps that ended',
    labels: { step_type: null, status: ['completed', 'failed', 'skipped', 'cancelled'] },
  },
  amas_step_retries_total: {
    type: 'counter',
    help: 'Further attempts of steps',
    labels: { step_type: null, reason: null },
  },
  amas_runs_recovered_total: {
    type: 'counter',
    help: 'Runs taken over after their owner died',
    labels: { outcome: ['resumed', 'failed'] },
  },
  amas_runs_unowned: {
    type: 'gauge',
    help: 'Unfinished runs with neither live owner nor wake-up; must be 0',
    labels: {},
  },
  amas_agent_executions_total: {
    type: 'counter',
    help: 'Agent turns that ended',
    labels: {
      agent_id: null,
      agent_name: null,
      status: ['success', 'error', 'limit_reached', 'cancelled'],
    },
  },
  amas_agent_duration_seconds: {
    type: 'histogram',
    help: 'One agent turn',
    labels: { agent_id: null },
    buckets: AGENT,
  },
  amas_agent_tokens_total: {
    type: 'counter',
    help: 'Tokens used by agents',
    labels: { agent_id: null, direction: DIRECTION },
  },
  amas_agent_cost_usd_total: {
    type: 'counter',
    help: 'Money used by agents',
    labels: { agent_id: null },
  },
  amas_agent_limit_reached_total: {
    type: 'counter',
    help: 'Agent turns ended by a limit',
    labels: { agent_id: null, limit: ['iterations', 'tool_calls', 'tokens', 'money', 'time'] },
  },
  amas_budget_refusals_total: {
    type: 'counter',
    help: 'Calls refused before sending because a budget does not allow them',
    labels: { scope: ['call', 'run', 'day', 'month', 'total'] },
  },
  amas_budget_remaining_ratio: {
    type: 'gauge',
    help: 'Smallest remaining share of any budget in use',
    labels: { scope: ['call', 'run', 'day', 'month', 'total'] },
  },
  amas_ai_provider_calls_total: {
    type: 'counter',
    help: 'Calls sent to model vendors',
    labels: {
      provider: null,
      model: null,
      status: ['success', 'error', 'timeout', 'rate_limited', 'cancelled'],
    },
  },
  amas_ai_provider_latency_seconds: {
    type: 'histogram',
    help: 'Whole model call',
    labels: { provider: null, model: null },
    buckets: PROVIDER,
  },
  amas_ai_provider_time_to_first_token_seconds: {
    type: 'histogram',
    help: 'First token of streamed calls',
    labels: { provider: null, model: null },
    buckets: FIRST_TOKEN,
  },
  amas_ai_provider_tokens_total: {
    type: 'counter',
    help: 'Tokens billed',
    labels: { provider: null, model: null, direction: DIRECTION },
  },
  amas_ai_provider_cost_usd_total: {
    type: 'counter',
    help: 'Money billed or estimated',
    labels: { provider: null, model: null },
  },
  amas_ai_provider_usage_estimated_total: {
    type: 'counter',
    help: 'Calls whose usage the vendor did not give',
    labels: { provider: null },
  },
  amas_cache_operations_total: {
    type: 'counter',
    help: 'Look-ups in a cache',
    labels: { cache_type: ['llm'], result: ['hit', 'miss'] },
  },
  amas_cache_hit_rate: {
    type: 'gauge',
    help: 'Hits per look-up over five minutes',
    labels: { cache_type: ['llm'] },
  },
  amas_cache_evictions_total: {
    type: 'counter',
    help: 'Entries that left a cache for others',
    labels: { cache_type: ['llm'], reason: ['size'] },
  },
  amas_cache_stampede_waits_total: {
    type: 'counter',
    help: 'Callers that waited for the same call of another',
    labels: { cache_type: ['llm'] },
  },
  amas_ai_provider_fallbacks_total: {
    type: 'counter',
    help: 'Candidate changes',
    labels: { from_provider: null, to_provider: null },
  },
  amas_ai_provider_circuit_breaker_state: {
    type: 'gauge',
    help: '0 closed, 1 open, 2 half-open; of several credentials the worst',
    labels: { provider: null, model: null },
  },
  amas_ai_provider_rate_limit_wait_seconds: {
    type: 'histogram',
    help: 'Time that calls were held back by limits',
    labels: { provider: null },
    buckets: WAIT,
  },
  amas_tool_calls_total: {
    type: 'counter',
    help: 'Tool calls',
    labels: { tool: null, status: ['success', 'error', 'denied', 'timeout'] },
  },
  amas_tool_duration_seconds: {
    type: 'histogram',
    help: 'One tool call',
    labels: { tool: null },
    buckets: QUICK,
  },
  amas_http_requests_total: {
    type: 'counter',
    help: 'HTTP answers',
    labels: { method: null, endpoint: null, status_code: null },
  },
  amas_http_request_duration_seconds: {
    type: 'histogram',
    help: 'HTTP request to answer, streams excluded',
    labels: { method: null, endpoint: null },
    buckets: QUICK,
  },
  amas_websocket_connections_active: {
    type: 'gauge',
    help: 'Live clients',
    labels: { transport: TRANSPORT },
  },
  amas_websocket_latency_seconds: {
    type: 'histogram',
    help: 'Event stored to sent',
    labels: { transport: TRANSPORT },
    buckets: QUICK,
  },
  amas_websocket_drops_total: {
    type: 'counter',
    help: 'Live clients disconnected by us',
    labels: { reason: ['slow', 'auth', 'error'] },
  },
  amas_db_queries_total: {
    type: 'counter',
    help: 'Statements',
    labels: { operation: null, table: null, status: ['ok', 'error'] },
  },
  amas_db_query_duration_seconds: {
    type: 'histogram',
    help: 'One statement',
    labels: { operation: null, table: null },
    buckets: DATABASE,
  },
  amas_db_pool_connections: {
    type: 'gauge',
    help: 'Connections of the pool, and callers waiting for one',
    labels: { state: ['active', 'idle', 'waiting'] },
  },
  amas_db_pool_max_connections: { type: 'gauge', help: 'Configured maximum', labels: {} },
  amas_user_logins_total: {
    type: 'counter',
    help: 'Sign-ins tried',
    labels: { status: ['success', 'failed', 'mfa_required', 'locked'] },
  },
  amas_auth_denied_total: {
    type: 'counter',
    help: '401 and 403 answers',
    labels: { reason: ['unauthenticated', 'forbidden', 'cross_tenant', 'origin'] },
  },
  amas_threat_assessments_total: {
    type: 'counter',
    help: 'Requests the threat detector looked at',
    labels: {
      level: ['low', 'medium', 'high', 'critical'],
      action: ['allow', 'challenge', 'throttle', 'block'],
    },
  },
  amas_threat_assessment_seconds: {
    type: 'histogram',
    help: 'Time of one assessment',
    labels: {},
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05],
  },
  amas_threat_dropped_total: {
    type: 'counter',
    help: 'Assessments that were not made or not stored',
    labels: { reason: ['failed', 'queue_full', 'not_stored'] },
  },
  amas_system_cpu_usage_percent: { type: 'gauge', help: 'Host or cgroup CPU', labels: {} },
  amas_system_memory_usage_percent: {
    type: 'gauge',
    help: 'Memory of the host or of the cgroup limit',
    labels: {},
  },
  amas_event_loop_lag_seconds: {
    type: 'gauge',
    help: 'Delay of the event loop since the last scrape',
    labels: { quantile: ['0.5', '0.99'] },
  },
  amas_config_ineffective_settings: {
    type: 'gauge',
    help: 'Settings that are on and have no effect',
    labels: {},
  },
  amas_build_info: { type: 'gauge', help: 'Always 1', labels: { version: null, node: null } },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRIC_DEFINITIONS;

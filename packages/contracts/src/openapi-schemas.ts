import { z } from 'zod';
import {
  errorInfoSchema,
  fieldErrorSchema,
  jsonSchema,
  problemSchema,
  usageSchema,
} from './common.ts';
import { eventDataSchemas, eventSchema, runStatusSchema, stepStatusSchema } from './events.ts';
import { findingLocationSchema, findingSchema, severitySchema } from './findings.ts';
import { clientFrameSchema, serverFrameSchema } from './realtime.ts';
import {
  approvalGateSchema,
  budgetSchema,
  executionSchema,
  recipeDefinitionSchema,
  recipeStepAnySchema,
  retrySchema,
} from './recipe.ts';
import { agentReportSchema, agentTaskSchema } from './agent-report.ts';
import {
  agentFeedbackSchema,
  agentLimitsSchema,
  agentMetricsSchema,
  agentPresetSchema,
  agentSchema,
  agentStatsSchema,
  agentToolSchema,
  agentUsageSchema,
  agentVersionSchema,
  modelConfigSchema,
  toolGrantSchema,
} from './routes/agent-schemas.ts';
import { patternSchema } from './routes/patterns.ts';
import { personaSchema } from './routes/personas.ts';
import { auditEntrySchema } from './routes/audit.ts';
import { apiKeySchema } from './routes/api-keys.ts';
import { sessionSchema, userSchema, workspaceSchema } from './routes/auth.ts';
import {
  chatCompletionSchema,
  chatMessageSchema,
  openAiErrorSchema,
  openAiModelSchema,
} from './routes/openai.ts';
import {
  componentHealthSchema,
  modelSchema,
  providerSchema,
  toolSchema,
  usageBucketSchema,
} from './routes/platform.ts';
import {
  featuredRecipeSchema,
  learningReportSchema,
  recipeSchema,
  recipeSummarySchema,
  recipeVersionSchema,
  suggestionSchema,
} from './routes/recipes.ts';
import {
  artifactSchema,
  runFindingSchema,
  runSchema,
  runStepSchema,
  sourceExcerptSchema,
} from './routes/run-schemas.ts';
import {
  approvalSchema,
  changeSchema,
  diffLineSchema,
  qualityDimensionSchema,
  qualityReportSchema,
  runComparisonSchema,
  runLimitSchema,
} from './routes/run-views.ts';
import {
  taskAssignmentSchema,
  taskDetailSchema,
  taskEstimateSchema,
  taskInputSchema,
  taskPreviewSchema,
  taskSchema,
  taskStageSchema,
} from './routes/tasks.ts';
import {
  threatAssessmentSchema,
  threatBlockSchema,
  threatReasonSchema,
  threatSettingsSchema,
} from './routes/security.ts';
import {
  scheduleFireSchema,
  scheduleSchema,
  triggerDeliverySchema,
  triggerSchema,
  webhookDeliverySchema,
  webhookSchema,
} from './routes/triggers.ts';
import { scheduleSpecSchema, triggerSpecSchema } from './triggers.ts';

export type SchemaNode = Record<string, unknown>;
export type SchemaMode = 'input' | 'output';

/** Schemas that stand under their own name in `components/schemas`; everything else is written in place. */
const NAMED_SCHEMAS: Record<string, z.ZodType> = {
  Agent: agentSchema,
  AgentFeedback: agentFeedbackSchema,
  AgentLimits: agentLimitsSchema,
  AgentMetrics: agentMetricsSchema,
  AgentPreset: agentPresetSchema,
  AgentReport: agentReportSchema,
  AgentStats: agentStatsSchema,
  AgentTask: agentTaskSchema,
  AgentTool: agentToolSchema,
  AgentUsage: agentUsageSchema,
  AgentVersion: agentVersionSchema,
  ApiKey: apiKeySchema,
  Approval: approvalSchema,
  ApprovalGate: approvalGateSchema,
  Artifact: artifactSchema,
  AuditEntry: auditEntrySchema,
  Budget: budgetSchema,
  ChatCompletion: chatCompletionSchema,
  ChatMessage: chatMessageSchema,
  Change: changeSchema,
  ClientFrame: clientFrameSchema,
  ComponentHealth: componentHealthSchema,
  DiffLine: diffLineSchema,
  ErrorInfo: errorInfoSchema,
  EventEnvelope: eventSchema,
  FeaturedRecipe: featuredRecipeSchema,
  FieldError: fieldErrorSchema,
  Finding: findingSchema,
  FindingLocation: findingLocationSchema,
  JsonValue: jsonSchema,
  LearningReport: learningReportSchema,
  Model: modelSchema,
  ModelConfig: modelConfigSchema,
  OpenAiError: openAiErrorSchema,
  OpenAiModel: openAiModelSchema,
  Pattern: patternSchema,
  Persona: personaSchema,
  Problem: problemSchema,
  Provider: providerSchema,
  QualityDimension: qualityDimensionSchema,
  QualityReport: qualityReportSchema,
  Recipe: recipeSchema,
  RecipeDefinition: recipeDefinitionSchema,
  RecipeExecution: executionSchema,
  RecipeStep: recipeStepAnySchema,
  RecipeSummary: recipeSummarySchema,
  RecipeVersion: recipeVersionSchema,
  Retry: retrySchema,
  Run: runSchema,
  RunComparison: runComparisonSchema,
  RunFinding: runFindingSchema,
  RunLimit: runLimitSchema,
  RunStatus: runStatusSchema,
  RunStep: runStepSchema,
  Schedule: scheduleSchema,
  ScheduleFire: scheduleFireSchema,
  ScheduleSpec: scheduleSpecSchema,
  ServerFrame: serverFrameSchema,
  Session: sessionSchema,
  Severity: severitySchema,
  SourceExcerpt: sourceExcerptSchema,
  StepStatus: stepStatusSchema,
  Suggestion: suggestionSchema,
  Task: taskSchema,
  TaskAssignment: taskAssignmentSchema,
  TaskDetail: taskDetailSchema,
  TaskEstimate: taskEstimateSchema,
  TaskPreview: taskPreviewSchema,
  TaskRequest: taskInputSchema,
  TaskStage: taskStageSchema,
  ThreatAssessment: threatAssessmentSchema,
  ThreatBlock: threatBlockSchema,
  ThreatReason: threatReasonSchema,
  ThreatSettings: threatSettingsSchema,
  Tool: toolSchema,
  ToolGrant: toolGrantSchema,
  Trigger: triggerSchema,
  TriggerDelivery: triggerDeliverySchema,
  TriggerSpec: triggerSpecSchema,
  Usage: usageSchema,
  UsageBucket: usageBucketSchema,
  User: userSchema,
  Webhook: webhookSchema,
  WebhookDelivery: webhookDeliverySchema,
  Workspace: workspaceSchema,
};

const pascal = (type: string) =>
  type.replace(/(?:^|[._])([a-z])/g, (_match, letter: string) => letter.toUpperCase());

/** Component name of an event type's payload, e.g. `RunCreatedData` for `run.created`. */
export function eventDataName(type: string): string {
  return `${pascal(type)}Data`;
}

/** Drops what zod adds but the contract does not promise: closed answers, and the bounds of safe integers. */
function tidy(mode: SchemaMode) {
  return ({
    zodSchema,
    jsonSchema: node,
  }: {
    zodSchema: z.core.$ZodTypes;
    jsonSchema: SchemaNode;
  }) => {
    const def = zodSchema._zod.def;
    if (mode === 'output' && def.type === 'object' && def.catchall === undefined) {
      delete node['additionalProperties'];
    }
    if (node['minimum'] === Number.MIN_SAFE_INTEGER) delete node['minimum'];
    if (node['maximum'] === Number.MAX_SAFE_INTEGER) delete node['maximum'];
  };
}

/** Turns zod schemas into nodes of one OpenAPI document and collects the named ones as its components. */
export function createSchemaWriter() {
  const registry = z.registry<{ id?: string }>();
  const named: Record<string, z.ZodType> = { ...NAMED_SCHEMAS };
  for (const [type, schema] of Object.entries(eventDataSchemas))
    named[eventDataName(type)] = schema;
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });

  const generate = (schema: z.ZodType, mode: SchemaMode): SchemaNode =>
    z.toJSONSchema(schema, {
      metadata: registry,
      io: mode,
      override: tidy(mode) as never,
    }) as SchemaNode;

  const differing = new Map<string, boolean>();
  /** A schema with defaults reads differently in requests and answers; then the request's form gets a name of its own. */
  const componentName = (id: string, mode: SchemaMode): string => {
    const schema = named[id];
    if (schema === undefined)
      throw new Error(`give the recursive schema ${id} a name in NAMED_SCHEMAS`);
    if (mode === 'output') return id;
    let differs = differing.get(id);
    if (differs === undefined) {
      differs =
        JSON.stringify(generate(schema, 'input')) !== JSON.stringify(generate(schema, 'output'));
      differing.set(id, differs);
    }
    return differs ? `${id}Input` : id;
  };

  const components = new Map<string, SchemaNode>();
  const rewrite = (node: unknown, mode: SchemaMode): unknown => {
    if (Array.isArray(node)) return node.map((item) => rewrite(item, mode));
    if (node === null || typeof node !== 'object') return node;
    const out: SchemaNode = {};
    for (const [key, value] of Object.entries(node)) {
      if (key === '$defs' || key === '$schema') continue;
      out[key] =
        key === '$ref' && typeof value === 'string'
          ? `#/components/schemas/${componentName(value.slice('#/$defs/'.length), mode)}`
          : rewrite(value, mode);
    }
    return out;
  };

  const write = (schema: z.ZodType, mode: SchemaMode): SchemaNode => {
    const document = generate(schema, mode);
    const defs = (document['$defs'] ?? {}) as Record<string, SchemaNode>;
    for (const [id, node] of Object.entries(defs)) {
      const name = componentName(id, mode);
      if (!components.has(name)) components.set(name, rewrite(node, mode) as SchemaNode);
    }
    return rewrite(document, mode) as SchemaNode;
  };

  return {
    write,
    /** Writes the components that no route mentions: event payloads and WebSocket frames. */
    writeAll: () => {
      for (const schema of Object.values(named)) write(schema, 'output');
    },
    components: () => Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
export type SchemaWriter = ReturnType<typeof createSchemaWriter>;

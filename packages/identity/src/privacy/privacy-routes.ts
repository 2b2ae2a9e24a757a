import { bindRoutes, gdprRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, Handlers, Principal, ProcessingRecord } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import { isUuid } from '@automatos/kernel';
import type { Consents } from './consents.ts';
import { personRequired } from './privacy-errors.ts';
import type { ProcessingRecords } from './processing-records.ts';
import type { Administrator, RequestService } from './requests/request-service.ts';
import type { Asker } from './requests/request-steps.ts';
import type { Restrictions } from './restrictions.ts';
import type { Retention } from './retention.ts';
import { writeRecords } from './write-records.ts';

export interface PrivacyRoutesDeps {
  processing: ProcessingRecords;
  consents: Consents;
  retention: Retention;
  requests: RequestService;
  restrictions: Restrictions;
}

type Routes = Handlers<typeof gdprRoutes>;
type Named<Names extends keyof Routes> = Pick<Routes, Names>;

/** Cursors hold the id of the last row of their page. */
const idSchema = {
  safeParse: (value: unknown) =>
    typeof value === 'string' && isUuid(value)
      ? ({ success: true, data: value } as const)
      : ({ success: false } as const),
};
const readCursor = (cursor: string | undefined) =>
  cursor === undefined ? undefined : decodeCursor(cursor, idSchema, 'privacy.cursor.invalid');

type Asking = Pick<Call, 'principal' | 'sessionId'>;

function askerOf({ principal, sessionId }: Asking): Asker {
  if (principal?.kind !== 'user') throw personRequired();
  return { userId: principal.id, sessionId };
}

function administratorOf({ principal }: Asking): Administrator {
  const { id, permissions } = principal as Principal;
  return { id, mayChangePlatform: permissions.has('platform:write') };
}

/** Everything under /api/gdpr. */
export function createPrivacyRoutes(deps: PrivacyRoutesDeps): BoundRoute[] {
  return bindRoutes(gdprRoutes, {
    ...recordHandlers(deps),
    ...consentHandlers(deps),
    ...retentionHandlers(deps),
    ...requestHandlers(deps),
    ...ownHandlers(deps),
    ...restrictionHandlers(deps),
  });
}

function recordHandlers({
  processing,
}: PrivacyRoutesDeps): Named<
  | 'listProcessingRecords'
  | 'exportProcessingRecords'
  | 'createProcessingRecord'
  | 'updateProcessingRecord'
  | 'deleteProcessingRecord'
  | 'listOwnProcessing'
> {
  return {
    async listProcessingRecords({ workspaceId, query }) {
      const found = await processing.list(workspaceId, {
        limit: query.limit,
        after: readCursor(query.cursor),
      });
      const { rows, nextCursor } = toPage(found, query.limit, ({ id }) => id);
      return { body: { items: rows, next_cursor: nextCursor } };
    },
    async listOwnProcessing(call) {
      askerOf(call);
      const records = await processing.list(call.workspaceId, { limit: 10_000, after: undefined });
      return { body: { items: records.map(asRead) } };
    },
    async exportProcessingRecords({ workspaceId, query }) {
      const records = await processing.list(workspaceId, { limit: 10_000, after: undefined });
      return { bytes: writeRecords(records, query.format) };
    },
    async createProcessingRecord({ workspaceId, body }) {
      return { body: await processing.create(workspaceId, body), status: 201 };
    },
    async updateProcessingRecord({ workspaceId, params, body }) {
      return { body: await processing.update(workspaceId, params.record_id, body) };
    },
    async deleteProcessingRecord({ workspaceId, params }) {
      await processing.remove(workspaceId, params.record_id);
      return { status: 204 };
    },
  };
}

/** What a person is told of an activity; how data are protected is not among it. */
function asRead(record: ProcessingRecord) {
  const { id, name, purpose, legal_basis, data_categories, recipients, retention } = record;
  return { id, name, purpose, legal_basis, data_categories, recipients, retention };
}

function consentHandlers({
  consents,
}: PrivacyRoutesDeps): Named<
  | 'listConsentPurposes'
  | 'createConsentPurpose'
  | 'updateConsentPurpose'
  | 'listConsents'
  | 'listOwnConsents'
  | 'setOwnConsent'
> {
  return {
    async listConsentPurposes({ workspaceId }) {
      return { body: { items: await consents.listPurposes(workspaceId) } };
    },
    async createConsentPurpose({ workspaceId, body }) {
      return { body: await consents.createPurpose(workspaceId, body), status: 201 };
    },
    async updateConsentPurpose({ workspaceId, params, body }) {
      return { body: await consents.updatePurpose(workspaceId, params.purpose_id, body) };
    },
    async listConsents({ workspaceId, query }) {
      const found = await consents.list(workspaceId, {
        limit: query.limit,
        before: readCursor(query.cursor),
        purpose: query.purpose,
        userId: query.user_id,
      });
      const { rows, nextCursor } = toPage(found, query.limit, ({ id }) => id);
      return { body: { items: rows, next_cursor: nextCursor } };
    },
    async listOwnConsents(call) {
      const { userId } = askerOf(call);
      return { body: { items: await consents.own(call.workspaceId, userId) } };
    },
    async setOwnConsent(call) {
      const { userId } = askerOf(call);
      const { workspaceId, params, body } = call;
      const decision = { userId, purpose: params.purpose, via: 'person' as const, ...body };
      return { body: await consents.decide(workspaceId, decision) };
    },
  };
}

function retentionHandlers({
  retention,
}: PrivacyRoutesDeps): Named<
  'listRetention' | 'setRetention' | 'previewRetention' | 'runRetention' | 'listRetentionRuns'
> {
  return {
    async listRetention({ workspaceId }) {
      const items = await retention.list(workspaceId);
      return { body: { items, next_run_at: new Date(retention.nextRunAt()).toISOString() } };
    },
    async setRetention(call) {
      const { workspaceId, params, body } = call;
      const { mayChangePlatform } = administratorOf(call);
      const change = { category: params.category, days: body.days, mayChangePlatform };
      return { body: await retention.set(workspaceId, change) };
    },
    async previewRetention({ workspaceId }) {
      return { body: { items: await retention.preview(workspaceId) } };
    },
    async runRetention({ workspaceId, signal }) {
      return { body: await retention.run(workspaceId, signal) };
    },
    async listRetentionRuns(call) {
      const { workspaceId, query } = call;
      const found = await retention.listRuns(workspaceId, {
        limit: query.limit,
        before: readCursor(query.cursor),
      });
      const { rows, nextCursor } = toPage(found, query.limit, ({ id }) => id);
      return { body: { items: rows, next_cursor: nextCursor } };
    },
  };
}

function requestHandlers({
  requests,
}: PrivacyRoutesDeps): Named<
  | 'listDataRequests'
  | 'createDataRequest'
  | 'getDataRequest'
  | 'verifyDataRequest'
  | 'executeDataRequest'
  | 'refuseDataRequest'
  | 'extendDataRequest'
  | 'fetchDataExport'
> {
  const placeOf = (call: { workspaceId: Call['workspaceId']; params: { request_id: string } }) => ({
    workspaceId: call.workspaceId,
    id: call.params.request_id,
  });
  return {
    async listDataRequests({ workspaceId, query }) {
      const { limit, cursor, status, type } = query;
      const before = readCursor(cursor);
      const found = await requests.list(workspaceId, { limit, before, status, type });
      const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
      return { body: { items: await requests.present(rows), next_cursor: nextCursor } };
    },
    async createDataRequest(call) {
      const { subject_email: email, ...asked } = call.body;
      const by = administratorOf(call);
      const made = await requests.fileFor(call.workspaceId, by, { ...asked, email });
      return { body: made, status: 201 };
    },
    async getDataRequest(call) {
      return { body: await requests.get(placeOf(call)) };
    },
    async verifyDataRequest(call) {
      const { note } = call.body;
      return { body: await requests.verify(placeOf(call), administratorOf(call), note) };
    },
    async executeDataRequest(call) {
      const { note } = call.body;
      return { body: await requests.execute(placeOf(call), administratorOf(call), note) };
    },
    async refuseDataRequest(call) {
      const { reason } = call.body;
      return { body: await requests.refuse(placeOf(call), administratorOf(call), reason) };
    },
    async extendDataRequest(call) {
      return { body: await requests.extend(placeOf(call), administratorOf(call), call.body) };
    },
    async fetchDataExport(call) {
      const { format } = call.query;
      const content = await requests.fetch(placeOf(call), administratorOf(call), format);
      return { bytes: asFile(content, format) };
    },
  };
}

function ownHandlers({
  requests,
}: PrivacyRoutesDeps): Named<
  | 'listOwnDataRequests'
  | 'createOwnDataRequest'
  | 'getOwnDataRequest'
  | 'verifyOwnDataRequest'
  | 'withdrawOwnDataRequest'
  | 'fetchOwnDataExport'
> {
  return {
    async listOwnDataRequests(call) {
      const { userId: subjectId } = askerOf(call);
      const { limit, cursor } = call.query;
      const filter = { limit, before: readCursor(cursor), subjectId };
      const found = await requests.list(call.workspaceId, filter);
      const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
      return { body: { items: await requests.present(rows), next_cursor: nextCursor } };
    },
    async createOwnDataRequest(call) {
      const asker = askerOf(call);
      return { body: await requests.fileOwn(call.workspaceId, asker, call.body), status: 201 };
    },
    async getOwnDataRequest(call) {
      const place = { workspaceId: call.workspaceId, id: call.params.request_id };
      return { body: await requests.get(place, askerOf(call)) };
    },
    async verifyOwnDataRequest(call) {
      const place = { workspaceId: call.workspaceId, id: call.params.request_id };
      return { body: await requests.verifyOwn(place, askerOf(call)) };
    },
    async withdrawOwnDataRequest(call) {
      const place = { workspaceId: call.workspaceId, id: call.params.request_id };
      return { body: await requests.withdraw(place, askerOf(call)) };
    },
    async fetchOwnDataExport(call) {
      const place = { workspaceId: call.workspaceId, id: call.params.request_id };
      const { format } = call.query;
      return { bytes: asFile(await requests.fetch(place, askerOf(call), format), format) };
    },
  };
}

function restrictionHandlers({
  restrictions,
  requests,
}: PrivacyRoutesDeps): Named<'listRestrictions' | 'liftRestriction'> {
  return {
    async listRestrictions({ workspaceId }) {
      return { body: { items: await restrictions.list(workspaceId) } };
    },
    async liftRestriction(call) {
      const { workspaceId, params } = call;
      const id = await restrictions.lift(workspaceId, params.restriction_id);
      const actor = { by: 'administrator' as const, id: administratorOf(call).id };
      await requests.note({ workspaceId, id }, { action: 'lifted', actor, note: '' });
      return { status: 204 };
    },
  };
}

function asFile(content: string, format: 'json' | 'markdown') {
  return format === 'json'
    ? { content, contentType: 'application/json; charset=utf-8', filename: 'personal-data.json' }
    : { content, contentType: 'text/markdown; charset=utf-8', filename: 'personal-data.md' };
}

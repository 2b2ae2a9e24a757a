import { createHash, createHmac } from 'node:crypto';
import type { UsedCredential } from '../use-credentials.ts';
import { textOf, withoutSlash } from './outcome.ts';
import type { TestRequest } from './outcome.ts';

const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** `HEAD` of the bucket, signed by Signature Version 4; by path, which every S3 server understands. */
export function headBucket({ fields, secrets }: UsedCredential, nowMs: number): TestRequest {
  const region = textOf(fields, 'region');
  const endpoint = withoutSlash(textOf(fields, 'endpoint')) || `https://s3.${region}.amazonaws.com`;
  const url = new URL(`${endpoint}/${encodeURIComponent(textOf(fields, 'bucket'))}`);
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const emptyHash = hash('');
  const names = 'host;x-amz-content-sha256;x-amz-date';
  const canonical = [
    'HEAD',
    url.pathname,
    '',
    `host:${url.host}`,
    `x-amz-content-sha256:${emptyHash}`,
    `x-amz-date:${time}`,
    '',
    names,
    emptyHash,
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  const dayKey = hmac(`AWS4${textOf(secrets, 'secret_access_key')}`, time.slice(0, 8));
  const key = hmac(hmac(hmac(dayKey, region), 's3'), 'aws4_request');
  const signature = hmac(key, toSign).toString('hex');
  const credential = `${textOf(fields, 'access_key_id')}/${scope}`;
  return {
    url: url.href,
    method: 'HEAD',
    headers: {
      'x-amz-content-sha256': emptyHash,
      'x-amz-date': time,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
    },
  };
}

import type { ProcessingRecord } from '@automatos/contracts';
import { csvLine } from '@automatos/kernel';
import { PROCESSING_COLUMNS } from './processing-records.ts';

const COLUMNS = [...PROCESSING_COLUMNS, 'source', 'updated_at'] as const;

/** The record of processing as a file. */
export function writeRecords(records: readonly ProcessingRecord[], format: 'json' | 'csv') {
  if (format === 'json') {
    return {
      content: JSON.stringify({ processing_records: records }, null, 2),
      contentType: 'application/json; charset=utf-8',
      filename: 'processing-records.json',
    };
  }
  const lines = records.map((record) =>
    csvLine(
      COLUMNS.map((name) => {
        const value = record[name];
        return Array.isArray(value) ? value.join('; ') : value;
      }),
    ),
  );
  return {
    content: csvLine(COLUMNS) + lines.join(''),
    contentType: 'text/csv; charset=utf-8',
    filename: 'processing-records.csv',
  };
}

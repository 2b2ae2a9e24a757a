import { astVisitor, parse, toSql, type Expr } from 'pgsql-ast-parser';

const RANGES = new Set(['<', '<=', '>', '>=']);

interface Columns {
  equal: Set<string>;
  range: Set<string>;
  /** Something an ordinary index does not serve. */
  other: boolean;
}

function columnOf(expression: Expr): string | undefined {
  if (expression.type === 'cast') return columnOf(expression.operand);
  return expression.type === 'ref' && expression.name !== '*' ? expression.name : undefined;
}

function isFixed(expression: Expr): boolean {
  let fixed = true;
  astVisitor(() => ({ ref: () => void (fixed = false) })).expr(expression);
  return fixed;
}

function collect(expression: Expr, columns: Columns): void {
  if (expression.type === 'binary' && expression.op === 'AND') {
    collect(expression.left, columns);
    collect(expression.right, columns);
    return;
  }
  const column =
    expression.type === 'binary'
      ? (columnOf(expression.left) ?? columnOf(expression.right))
      : expression.type === 'unary'
        ? columnOf(expression.operand)
        : undefined;
  if (column === undefined) columns.other = true;
  else if (expression.type === 'unary') columns.equal.add(column);
  else if (expression.type === 'binary') {
    const fixed = isFixed(expression.right) || isFixed(expression.left);
    if (expression.op === '=' && fixed) columns.equal.add(column);
    else if (RANGES.has(expression.op) && fixed) columns.range.add(column);
    else columns.other = true;
  }
}

/**
 * `CREATE INDEX` for a table and the filter of a plan: columns of equality first, then one of a range. The statement has been
 * parsed; undefined when the filter names no column that an index would serve, or cannot be read.
 */
export function suggestIndex(relation: string, filter: string): string | undefined {
  try {
    const [statement] = parse(`SELECT 1 FROM t WHERE ${filter}`);
    if (statement?.type !== 'select' || statement.where == null) return undefined;
    const columns: Columns = { equal: new Set(), range: new Set(), other: false };
    collect(statement.where, columns);
    const keys = [
      ...columns.equal,
      ...[...columns.range].filter((one) => !columns.equal.has(one)).slice(0, 1),
    ];
    if (keys.length === 0) return undefined;
    const quoted = keys.map((key) => `"${key.replaceAll('"', '""')}"`).join(', ');
    const [index] = parse(`CREATE INDEX ON "${relation.replaceAll('"', '""')}" (${quoted})`);
    return index === undefined ? undefined : `${toSql.statement(index).trim()};`;
  } catch {
    return undefined; // the filter has syntax that the parser does not know: no suggestion is better than a wrong one
  }
}

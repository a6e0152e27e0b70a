import pg from 'pg';
import { Refusal } from '../refusal.ts';
import { queryError } from './connection-lost.ts';
import { rowEncoder, type RowEncoder } from './encode-row.ts';
import type { SqlStatement } from './parse-request.ts';

/** Bytes of rows that the request may still produce; shared by the statements of a batch. */
export interface ResponseBudget {
  maxBytes: number;
  usedBytes: number;
}

/**
 * Runs one statement and returns Neon's result object as JSON text. Rows are written to JSON as they arrive, so that memory is
 * bounded by the budget.
 * @throws pg.DatabaseError; Refusal 400 with 08006 when the connection broke; any other error while Postgres may still be sending:
 * Refusal 507 as soon as the budget is spent.
 */
export function runStatement(
  client: pg.ClientBase,
  statement: SqlStatement,
  rawText: boolean,
  budget: ResponseBudget,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // The extended protocol always: it takes one statement only (42601 for more), as Neon does.
    const config = {
      text: statement.text,
      values: statement.values,
      rowMode: 'array',
      queryMode: 'extended',
    };
    const query = new HttpQuery(config);
    const rows: string[] = [];
    let encode: RowEncoder | undefined;
    let failed = false;

    const fail = (error: unknown) => {
      failed = true;
      rows.length = 0;
      reject(error);
    };
    const addRow = (cells: (string | null)[], fields: pg.FieldDef[]) => {
      encode ??= rowEncoder(fields, rawText, statement.arrayMode);
      const row = encode(cells);
      budget.usedBytes += Buffer.byteLength(row) + 1;
      if (budget.usedBytes > budget.maxBytes)
        throw new Refusal(507, `response is too large (max is ${budget.maxBytes} bytes)`, '54000');
      rows.push(row);
    };
    query.on('row', (cells: (string | null)[], result?: pg.QueryResultBase) => {
      if (failed) return;
      // What is thrown here would be thrown in pg's socket handler, where nobody catches it.
      try {
        addRow(cells, result!.fields);
      } catch (error) {
        fail(error);
      }
    });
    query.on('error', (error: Error) => fail(queryError(error)));
    query.on('end', (result: pg.QueryResultBase) => resolve(resultJson(result, rows, statement.arrayMode)));
    client.query(query);
  });
}

function resultJson(result: pg.QueryResultBase, rows: string[], rowAsArray: boolean): string {
  const fields = result.fields.map(
    ({ name, dataTypeID, tableID, columnID, dataTypeSize, dataTypeModifier }) => ({
      name,
      dataTypeID,
      tableID,
      columnID,
      dataTypeSize,
      dataTypeModifier,
      format: 'text',
    }),
  );
  const head = JSON.stringify({
    command: result.command ?? '',
    rowCount: result.rowCount,
    rowAsArray,
    fields,
  });
  return `${head.slice(0, -1)},"rows":[${rows.join(',')}]}`;
}

class HttpQuery extends pg.Query {
  /**
   * `copy … from stdin` waits for data that HTTP has no way to send. pg refuses, but its Sync has gone out before, and Postgres ignores a
   * Sync during a copy: without another one the session would wait for ever.
   */
  handleCopyInResponse(connection: pg.Connection & { sendCopyFail(reason: string): void }): void {
    connection.sendCopyFail('COPY FROM STDIN is not available over HTTP');
    connection.sync();
  }
}

import { randomUUID } from 'node:crypto';
import { neon, neonConfig, NeonDbError } from '@neondatabase/serverless';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { createOwnDatabase, type OwnDatabase } from '../../../test/own-database.ts';
import { startGateway, type Gateway } from '../index.ts';

vi.setConfig({ testTimeout: 20_000 });

let database: OwnDatabase;
let gateway: Gateway;
/** As the edge would hold it: the host is of no importance. */
let connectionString: string;

beforeAll(async () => {
  database = await createOwnDatabase();
  gateway = await startGateway({
    port: 0,
    token: 'test-token',
    redisUrl: 'redis://127.0.0.1:1',
    databaseUrl: database.url,
    maxBodyBytes: 1024 * 1024,
    maxResponseBytes: 1024 * 1024,
    maxConnections: 4,
  });
  neonConfig.fetchEndpoint = () => `${gateway.url}/sql`;
  const url = new URL(database.url);
  url.hostname = 'ep-example.neon.tech';
  url.port = '';
  connectionString = url.href;
  const sql = neon(connectionString);
  await sql`create table things (id int primary key, name text unique, constraint small check (id < 1000))`;
});

afterAll(async () => {
  await gateway.close();
  await database.drop();
});

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${gateway.url}/sql`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'neon-connection-string': connectionString, ...headers },
  });
}

/** The error that a query through the driver fails with. */
async function failure(query: Promise<unknown>): Promise<NeonDbError> {
  const error: unknown = await query.then(
    () => expect.fail('the query succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NeonDbError);
  return error as NeonDbError;
}

describe('types round-trip through the driver as they do through pg', () => {
  const cases: [type: string, value: unknown][] = [
    ['int4', -2147483648],
    ['int8', '9223372036854775807'],
    ['int8', 9007199254740993n],
    ['numeric', '12345678901234567890.000000000000000001'],
    ['float8', 0.1],
    ['float8', Number.NaN],
    ['float8', -Infinity],
    ['text', 'grüße 🚀 "q" \\ \n\t'],
    ['text', ''],
    ['text', null],
    ['bool', true],
    ['bytea', Buffer.from([0, 255, 128, 10])],
    ['bytea', Buffer.alloc(0)],
    ['json', { a: [1, 'ü', null] }],
    ['jsonb', { big: 1e21, nested: { t: true } }],
    ['int[]', [1, null, 3]],
    ['int[]', []],
    [
      'int[]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['text[]', ['a"b', 'c\\d', 'NULL', '', null, '{x}', '🚀']],
    ['timestamptz', new Date('2024-02-29T12:34:56.789Z')],
    ['timestamptz', '2024-02-29T12:34:56.789123Z'],
    ['date', '2024-02-29'],
    ['uuid', '01890a5d-ac96-774b-bcce-b302099a8057'],
    ['inet', '10.0.0.0/8'],
    ['interval', '1 day 02:03:04'],
  ];

  test.each(cases)('%s %s', async (type, value) => {
    const text = `select $1::${type} as value`;
    const direct = await database.outside.query(text, [value]);
    expect(await neon(connectionString).query(text, [value])).toEqual(direct.rows);
  });
});

test('full results: fields, command, row count, array mode', async () => {
  const sql = neon(connectionString, { fullResults: true, arrayMode: true });
  const inserted = await sql`insert into things values (1, 'one'), (2, 'two') returning id, name`;
  expect(inserted).toMatchObject({
    command: 'INSERT',
    rowCount: 2,
    rowAsArray: true,
    rows: [
      [1, 'one'],
      [2, 'two'],
    ],
  });
  expect(inserted.fields[1]).toEqual({
    name: 'name',
    dataTypeID: 25,
    tableID: expect.any(Number),
    columnID: 2,
    dataTypeSize: -1,
    dataTypeModifier: -1,
    format: 'text',
  });
  expect(await sql`create table other ()`).toMatchObject({
    command: 'CREATE',
    rowCount: null,
    rows: [],
    fields: [],
  });
  expect(await sql`delete from things where id in (1, 2)`).toMatchObject({ command: 'DELETE', rowCount: 2 });
  expect(await sql`select 1 where false`).toMatchObject({ command: 'SELECT', rowCount: 0, rows: [] });
  expect(await sql.query('')).toMatchObject({ command: '', rowCount: null, rows: [] });
});

test('without the raw text and array headers: objects of typed JSON values, as Neon writes them', async () => {
  const query = `select true as b, 7::int2 as i, 1.5::float8 as f, 'NaN'::float4 as nan, 9007199254740993 as big, 1.10 as num,
    '{"n":9007199254740993}'::jsonb as j, '{{1,NULL},{3,4}}'::int[] as ia, array['x"y', null] as ta, array[true] as ba,
    null as nothing, date '2024-02-29' as d, 'é' as "nämé"`;
  const response = await post({ query });
  expect(await response.text()).toContain(
    '"rows":[{"b":true,"i":7,"f":1.5,"nan":"NaN","big":"9007199254740993","num":"1.10",' +
      '"j":{"n": 9007199254740993},"ia":[[1,null],[3,4]],"ta":["x\\"y",null],"ba":[true],' +
      '"nothing":null,"d":"2024-02-29","nämé":"é"}]',
  );
  const raw = await post(
    { query: 'select true as b, $1::int[] as a', params: [[1, 2]] },
    { 'neon-raw-text-output': 'true' },
  );
  expect(await raw.json()).toMatchObject({ rowAsArray: false, rows: [{ b: 't', a: '{1,2}' }] });
  const own = await post({ query: 'select 1 as x', arrayMode: true });
  expect(await own.json()).toMatchObject({ rowAsArray: true, rows: [[1]] });
});

describe('errors', () => {
  test('of a constraint: its name, table, detail and code', async () => {
    const sql = neon(connectionString);
    await sql`insert into things values (10, 'ten')`;
    expect(await failure(sql`insert into things values (11, 'ten')`)).toMatchObject({
      message: 'duplicate key value violates unique constraint "things_name_key"',
      code: '23505',
      severity: 'ERROR',
      constraint: 'things_name_key',
      table: 'things',
      schema: 'public',
      detail: 'Key (name)=(ten) already exists.',
      routine: expect.any(String),
    });
    expect(await failure(sql`insert into things values (5000, 'x')`)).toMatchObject({
      code: '23514',
      constraint: 'small',
    });
    await sql`delete from things`;
  });

  test.each([
    ['select nothing', '42703', 'column "nothing" does not exist'],
    ['selec 1', '42601', 'syntax error'],
    ['select 1; select 2', '42601', 'cannot insert multiple commands into a prepared statement'],
    ['select 1/0', '22012', 'division by zero'],
    ['copy things from stdin', '57014', 'COPY FROM STDIN is not available over HTTP'],
    ['select 1\0; drop table things', '22021', 'NUL'],
  ])('%s', async (text, code, message) => {
    const error = await failure(neon(connectionString).query(text));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  test('NUL in text is refused by Postgres, and so is too wide an integer', async () => {
    const sql = neon(connectionString);
    expect((await failure(sql`select ${'a\0b'}::text`)).code).toBe('22021');
    expect((await failure(sql`select ${'99999999999'}::int`)).code).toBe('22003');
    expect(await failure(sql`select ${1} + nothing`)).toMatchObject({ code: '42703', position: '13' });
  });

  test('a refused copy leaves its connection in order', async () => {
    for (let n = 0; n < 9; n += 1)
      expect((await failure(neon(connectionString)`copy things from stdin`)).code).toBe('57014');
    expect(await neon(connectionString)`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test('copy to stdout gives no rows, and the connection lives on', async () => {
    expect(await neon(connectionString)`copy (select 1) to stdout`).toEqual([]);
    expect(await neon(connectionString)`select 1 as one`).toEqual([{ one: 1 }]);
  });

  test('bodies that are no query', async () => {
    for (const body of [{}, { query: 1 }, { query: 'select 1', params: 'x' }, { queries: [{}] }, []])
      expect((await post(body)).status).toBe(400);
    expect((await post({ query: 'select 1', params: Array(65_536).fill(1) })).status).toBe(400);
    const invalid = await fetch(`${gateway.url}/sql`, {
      method: 'POST',
      body: '{',
      headers: { 'neon-connection-string': connectionString },
    });
    expect(await invalid.json()).toMatchObject({ message: 'The request body is not valid JSON' });
    expect((await fetch(`${gateway.url}/sql`)).status).toBe(405);
  });
});

describe('transactions', () => {
  test('commit, in order, each with its own result', async () => {
    const sql = neon(connectionString);
    const results = await sql.transaction([
      sql`insert into things values (20, 'twenty') returning id`,
      sql`select count(*)::int as n from things`,
      sql.query('select $1::text as t', ['x']),
    ]);
    expect(results).toMatchObject([[{ id: 20 }], [{ n: 1 }], [{ t: 'x' }]]);
    expect(await sql.transaction([])).toEqual([]);
    await sql`delete from things`;
  });

  test('a failing statement, and a failing commit, roll everything back', async () => {
    const sql = neon(connectionString);
    const failing = sql.transaction([sql`insert into things values (30, 'thirty')`, sql`select 1/0`]);
    expect((await failure(failing)).code).toBe('22012');
    await sql`create table later (id int, constraint once unique (id) deferrable initially deferred)`;
    const deferred = sql.transaction([sql`insert into later values (1)`, sql`insert into later values (1)`]);
    expect(await failure(deferred)).toMatchObject({ code: '23505', constraint: 'once' });
    expect(
      await sql`select (select count(*) from things)::int as a, (select count(*) from later)::int as b`,
    ).toEqual([{ a: 0, b: 0 }]);
  });

  test.each([
    ['ReadUncommitted', 'read uncommitted'],
    ['ReadCommitted', 'read committed'],
    ['RepeatableRead', 'repeatable read'],
    ['Serializable', 'serializable'],
  ] as const)('isolation level %s, read only, deferrable', async (isolationLevel, words) => {
    const sql = neon(connectionString);
    const show = [
      sql`select current_setting('transaction_isolation') as v`,
      sql`select current_setting('transaction_read_only') as v`,
      sql`select current_setting('transaction_deferrable') as v`,
    ];
    const strict = await sql.transaction(show, { isolationLevel, readOnly: true, deferrable: true });
    expect(strict).toEqual([[{ v: words }], [{ v: 'on' }], [{ v: 'on' }]]);
    const plain = await sql.transaction(show);
    expect(plain).toEqual([[{ v: 'read committed' }], [{ v: 'off' }], [{ v: 'off' }]]);
    const writing = sql.transaction([sql`insert into things values (1, 'x')`], { readOnly: true });
    expect((await failure(writing)).code).toBe('25006');
  });

  test('an unknown isolation level is refused', async () => {
    const response = await post(
      { queries: [] },
      { 'neon-batch-isolation-level': 'Chaos; drop table things' },
    );
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: 'invalid isolation level' });
  });

  test('row-level settings made with set_config(…, true) end with the transaction', async () => {
    const sql = neon(connectionString);
    const show = sql`select current_setting('app.tenant', true) as tenant`;
    const [, inside] = await sql.transaction([sql`select set_config('app.tenant', 't1', true)`, show]);
    expect(inside).toEqual([{ tenant: 't1' }]);
    expect(await sql`select coalesce(current_setting('app.tenant', true), '') as tenant`).toEqual([
      { tenant: '' },
    ]);
  });
});

test('nothing of a session reaches the next request', async () => {
  const sql = neon(connectionString);
  const traces = [
    'set search_path to pg_catalog',
    "select set_config('search_path', 'pg_catalog', false)",
    'create temporary table scratch ()',
    'select pg_advisory_lock(1)',
    'prepare mine as select 1',
    'listen channel',
    'begin',
  ];
  for (const trace of traces) {
    // More often than there are connections, so that one of them is used again.
    for (let n = 0; n < 5; n += 1) {
      await sql.query(trace);
      const state =
        await sql`select current_setting('search_path') as path, to_regclass('pg_temp.scratch') as temp,
        (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
        (select count(*)::int from pg_prepared_statements where name <> '') as prepared,
        (select count(*)::int from pg_listening_channels()) as listening`;
      expect(state, trace).toEqual([
        { path: '"$user", public', temp: null, locks: 0, prepared: 0, listening: 0 },
      ]);
    }
  }
  const [row] = await sql`select count(*)::int as n from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%'`;
  expect(row).toEqual({ n: 0 });
});

describe('the credential', () => {
  const change = (edit: (url: URL) => void) => {
    const url = new URL(connectionString);
    edit(url);
    return url.href;
  };

  test.each([
    ['a wrong password', (url: URL) => void (url.password = 'wrong')],
    ['no password', (url: URL) => void (url.password = '')],
    ['a wrong user', (url: URL) => void (url.username = 'root')],
  ])('%s is refused with 28P01', async (_name, edit) => {
    const before = gateway.counts();
    const error = await failure(neon(change(edit))`select 1`);
    expect(error).toMatchObject({ code: '28P01', message: 'password authentication failed' });
    expect(gateway.counts()).toEqual(before);
  });

  test('another database is another pool; one that does not exist is Postgres’ error', async () => {
    const name = async (url: string) => (await neon(url)`select current_database() as name`)[0]!['name'];
    expect(await name(change((url) => void (url.pathname = '/postgres')))).toBe('postgres');
    expect(await name(connectionString)).toBe(database.name);
    const missing = neon(change((url) => void (url.pathname = '/no%20such%23db')))`select 1`;
    expect(await failure(missing)).toMatchObject({
      code: '3D000',
      message: 'database "no such#db" does not exist',
    });
  });

  test('a missing or broken connection string', async () => {
    for (const value of ['', 'nonsense', 'http://u:p@h/d', 'postgresql://%ff:p@h/d'])
      expect((await post({ query: 'select 1' }, { 'neon-connection-string': value })).status).toBe(400);
    expect(
      (
        await post(
          { query: 'select 1' },
          { 'neon-connection-string': change((u) => void (u.pathname = '/%00')) },
        )
      ).status,
    ).toBe(400);
  });
});

describe('limits', () => {
  test('too large a body is 413', async () => {
    const error = await failure(neon(connectionString)`select ${'x'.repeat(1024 * 1024)}`);
    expect(error.message).toContain('HTTP status 413');
  });

  test('too large a response is 507, stops the query, and spares the next request', async () => {
    const sql = neon(connectionString);
    const marker = `marker-${randomUUID()}`;
    const endless = sql.query(`select '${marker}', repeat('x', 1000), generate_series(1, 1000000000)`);
    expect((await failure(endless)).message).toContain('HTTP status 507');
    const running = () =>
      database.outside.query('select 1 from pg_stat_activity where query like $1', [`select '${marker}%`]);
    await eventually(async () => (await running()).rowCount).toBe(0);
    const batch = sql.transaction([sql`select repeat('x', 600000)`, sql`select repeat('x', 600000)`]);
    expect((await failure(batch)).message).toContain('HTTP status 507');
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });
});

test('counts', async () => {
  const before = gateway.counts();
  const sql = neon(connectionString);
  await sql`select 1`;
  await sql.transaction([sql`select 1`, sql`select 2`]);
  const after = gateway.counts();
  expect(after.sqlRequests - before.sqlRequests).toBe(2);
  expect(after.sqlStatements - before.sqlStatements).toBe(3);
});

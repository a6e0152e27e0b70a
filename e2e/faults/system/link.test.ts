import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Link } from './link.ts';

/** A server that answers each line with the same line, and keeps what it was asked. */
let server: Server;
let asked: string;
let link: Link;
const clients: Socket[] = [];

beforeEach(async () => {
  asked = '';
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      asked += chunk.toString();
      socket.write(chunk);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  link = await new Link('test', { host: '127.0.0.1', port: (server.address() as AddressInfo).port }).listen();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await link.close();
  server.close();
  await once(server, 'close');
});

interface Asking {
  socket: Socket;
  answers(): string;
  closed: Promise<'closed'>;
}

function open(): Asking {
  const socket = connect(link.port, '127.0.0.1');
  clients.push(socket);
  let answers = '';
  socket.on('data', (chunk: Buffer) => (answers += chunk.toString()));
  socket.on('error', () => {});
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')));
  return { socket, answers: () => answers, closed };
}

const soon = <T>(look: () => T) => expect.poll(look, { timeout: 5_000, interval: 10 });

test('a link that is whole carries both ways, and tells each end that the other has gone', async () => {
  const client = open();
  client.socket.write('one');
  await soon(client.answers).toBe('one');
  client.socket.end();
  expect(await client.closed).toBe('closed');
});

test('a cut breaks the connections that there are, and every new one', async () => {
  const before = open();
  before.socket.write('one');
  await soon(before.answers).toBe('one');
  link.cut();
  expect(await before.closed).toBe('closed');
  expect(await open().closed).toBe('closed');
  link.heal();
  const after = open();
  after.socket.write('two');
  await soon(after.answers).toBe('two');
});

test('requests that are stalled arrive when the link is healed', async () => {
  const client = open();
  link.stall('requests');
  client.socket.write('one');
  const other = open();
  other.socket.write('two');
  // What goes the other way has had its time to arrive.
  await soon(() => other.socket.connecting).toBe(false);
  expect(asked).toBe('');
  link.heal();
  await soon(client.answers).toBe('one');
  await soon(other.answers).toBe('two');
});

test('answers that are stalled belong to requests that have arrived', async () => {
  const client = open();
  link.stall('answers');
  client.socket.write('one');
  await soon(() => asked).toBe('one');
  expect(client.answers()).toBe('');
  link.heal();
  await soon(client.answers).toBe('one');
});

test('an answer that is dropped takes its connection with it, after the request was delivered', async () => {
  const client = open();
  link.dropAnswers();
  client.socket.write('one');
  expect(await client.closed).toBe('closed');
  expect(asked).toBe('one');
  expect(client.answers()).toBe('');
});

test('a slow link carries everything, later', async () => {
  const client = open();
  link.slow(100);
  const startedMs = performance.now();
  client.socket.write('one');
  await soon(client.answers).toBe('one');
  expect(performance.now() - startedMs).toBeGreaterThan(190);
});

test('a connection that was forgotten is silent for good, and new ones are not', async () => {
  const forgotten = open();
  forgotten.socket.write('one');
  await soon(forgotten.answers).toBe('one');
  link.forget();
  forgotten.socket.write('two');
  link.heal();
  const fresh = open();
  fresh.socket.write('three');
  await soon(fresh.answers).toBe('three');
  expect(asked).toBe('onethree');
  expect(forgotten.socket.destroyed).toBe(false);
});

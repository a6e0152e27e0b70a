import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { redisUrl } from '../services.ts';
import { atEachLevel, defineAttacks, ok, type Attack } from './attack.ts';

/** What listens on the host, as a worker's own services do. */
const directory = mkdtempSync(join(tmpdir(), 'runfleet-attack-network-'));
const path = join(directory, 'socket');
const abstractName = `\0runfleet-attack-${process.pid}`;
const tcp = createServer((socket) =>
  socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
);
const unix = createServer((socket) => socket.on('error', () => {}).end('hello'));
const abstract = createServer((socket) => socket.on('error', () => {}).end('hello'));
const udp = createSocket('udp4', (question, from) => {
  // A name server that knows no name: the question again, as an answer with code 3.
  question[2] = 0x81;
  question[3] = 0x83;
  udp.send(question, from.port, from.address);
});
tcp.listen(0, '127.0.0.1');
unix.listen(path);
abstract.listen(abstractName);
udp.bind(0, '127.0.0.1');
await Promise.all([tcp, unix, abstract, udp].map((server) => once(server, 'listening')));
const tcpPort = (tcp.address() as AddressInfo).port;
const udpPort = udp.address().port;
afterAll(() => {
  for (const server of [tcp, unix, abstract, udp]) server.close();
  rmSync(directory, { recursive: true, force: true });
});

/** At `process` there is no wall around the network: Node's permission model has none, and this says so. */
const openAtProcess = (what: string): Attack['ending'] => ({
  process: { ...ok, reached: [what] },
  sandbox: ok,
});

const connect = (what: string, where: string) =>
  `const socket = require('node:net').connect(${where}); socket.on('connect', () => { reached(${JSON.stringify(what)}); socket.destroy(); }).on('error', () => {});`;

const redisPort = Number(new URL(redisUrl()).port);

const attacks: Attack[] = [
  {
    name: 'a TCP listener of the worker',
    code: connect('TCP', `${tcpPort}, '127.0.0.1'`),
    ending: openAtProcess('TCP'),
  },
  {
    name: 'Redis’ port',
    code: `const socket = require('node:net').connect(${redisPort}, '127.0.0.1', () => socket.write('PING\\r\\n')); socket.on('data', () => { reached('Redis'); socket.destroy(); }).on('error', () => {});`,
    ending: openAtProcess('Redis'),
  },
  {
    name: 'a unix socket',
    code: connect('a socket', JSON.stringify(path)),
    ending: openAtProcess('a socket'),
  },
  {
    name: 'an abstract unix socket',
    code: connect('a socket', JSON.stringify(abstractName)),
    ending: openAtProcess('a socket'),
  },
  {
    name: 'DNS, as a way to say something outside',
    code: `const { Resolver } = require('node:dns'); const resolver = new Resolver({ timeout: 500, tries: 1 });
      resolver.setServers(['127.0.0.1:${udpPort}']); resolver.resolve4('secret.example', (error) => { if (error?.code === 'ENOTFOUND') reached('a name server'); });`,
    ending: openAtProcess('a name server'),
  },
  {
    name: 'UDP',
    code: `const socket = require('node:dgram').createSocket('udp4'); socket.on('error', () => {}).on('message', () => { reached('UDP'); socket.close(); });
      socket.send(Buffer.alloc(12), ${udpPort}, '127.0.0.1', () => {}); setTimeout(() => { try { socket.close(); } catch {} }, 500);`,
    ending: openAtProcess('UDP'),
  },
  {
    name: 'fetch',
    code: `fetch('http://127.0.0.1:${tcpPort}').then(() => reached('HTTP'), () => {});`,
    ending: openAtProcess('HTTP'),
  },
  {
    name: 'interfaces and addresses of the host',
    code: `for (const [name, addresses] of Object.entries(require('node:os').networkInterfaces())) if (name !== 'lo') reached('interfaces of the host'); process.exit();`,
    ending: openAtProcess('interfaces of the host'),
  },
];

await atEachLevel('network', (level) => defineAttacks(level, attacks));

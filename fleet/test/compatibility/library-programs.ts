import type { Program } from './programs.ts';

/** What people use of Node's own modules. */
export const libraryPrograms: Program[] = [
  {
    name: 'timers',
    code: `const order = []; setTimeout(() => order.push('timeout'), 5); setImmediate(() => order.push('immediate')); process.nextTick(() => order.push('tick')); queueMicrotask(() => order.push('microtask')); const every = setInterval(() => { if (order.push('interval') > 6) { clearInterval(every); console.log(order.slice(0, 4), order.length); } }, 10);`,
    contains: 'tick',
  },
  {
    name: 'timers/promises',
    kind: 'mjs',
    code: `import { setTimeout as sleep } from 'node:timers/promises'; console.log(await sleep(5, 'woken'));`,
    contains: 'woken',
  },
  {
    name: 'async fs in its directory',
    kind: 'mjs',
    code: `import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile, appendFile, copyFile } from 'node:fs/promises'; await mkdir('a/b', { recursive: true }); await writeFile('a/b/c.txt', 'hello'); await appendFile('a/b/c.txt', ' world'); await rename('a/b/c.txt', 'a/d.txt'); await copyFile('a/d.txt', 'a/e.txt'); const file = await open('a/d.txt'); console.log((await file.read(Buffer.alloc(5), 0, 5, 6)).buffer.toString(), (await stat('a/e.txt')).size, (await readdir('a', { recursive: true })).sort()); await file.close(); const temporary = await mkdtemp(process.env.TMPDIR + '/x-'); await rm(temporary, { recursive: true }); try { await readFile('nope'); } catch (error) { console.log(error.code); }`,
    contains: 'ENOENT',
  },
  {
    name: 'os.tmpdir and homedir',
    code: `const os = require('node:os'); const fs = require('node:fs'); fs.writeFileSync(os.tmpdir() + '/t', 'x'); console.log(os.tmpdir() === process.cwd(), os.homedir() === process.cwd(), fs.readdirSync('.').includes('t'))`,
    contains: 'true true true',
  },
  {
    name: 'os',
    code: `const os = require('node:os'); console.log(os.platform(), os.arch(), os.type(), os.EOL.length, os.endianness(), typeof os.totalmem(), os.cpus().length === os.availableParallelism(), typeof os.hostname(), os.loadavg().length, typeof os.uptime(), os.version() !== '', Array.isArray(Object.keys(os.networkInterfaces())))`,
    contains: 'linux',
  },
  {
    name: 'streams',
    kind: 'mjs',
    code: `import { pipeline } from 'node:stream/promises'; import { Readable, Transform } from 'node:stream'; import { createWriteStream, createReadStream } from 'node:fs'; await pipeline(Readable.from(['a', 'b']), new Transform({ transform(chunk, _, done) { done(null, String(chunk).toUpperCase()); } }), createWriteStream('out')); for await (const chunk of createReadStream('out', 'utf8')) console.log(chunk); console.log(await new Response(new Blob(['web']).stream().pipeThrough(new TextDecoderStream())).text().catch((error) => error.name), await Readable.from([1, 2, 3]).map((n) => n * 2).toArray());`,
    contains: 'AB',
  },
  {
    name: 'zlib',
    code: `const zlib = require('node:zlib'); zlib.gzip('x'.repeat(1e5), (_, zipped) => zlib.gunzip(zipped, (_, text) => console.log(zipped.length < 1000, text.length))); console.log(zlib.brotliDecompressSync(zlib.brotliCompressSync('hello')).toString(), zlib.inflateSync(zlib.deflateSync('hello')).toString(), zlib.crc32('hello'))`,
    contains: 'hello hello',
  },
  {
    name: 'crypto',
    kind: 'mjs',
    code: `import crypto, { createHash, createHmac, randomBytes, scryptSync, createCipheriv, createDecipheriv, generateKeyPairSync, createSign, createVerify, webcrypto, pbkdf2 } from 'node:crypto'; import { promisify } from 'node:util'; console.log(createHash('sha256').update('a').digest('hex'), createHash('md5').update('a').digest('hex'), createHmac('sha1', 'k').update('a').digest('base64'), randomBytes(8).length, scryptSync('p', 's', 16).toString('hex'), (await promisify(pbkdf2)('p', 's', 1000, 16, 'sha512')).toString('hex')); const key = Buffer.alloc(32, 1); const iv = Buffer.alloc(12, 2); const cipher = createCipheriv('aes-256-gcm', key, iv); const sealed = Buffer.concat([cipher.update('secret'), cipher.final()]); const open = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(cipher.getAuthTag()); console.log(open.update(sealed, undefined, 'utf8') + open.final('utf8')); const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' }); console.log(createVerify('sha256').update('m').verify(publicKey, createSign('sha256').update('m').sign(privateKey))); console.log(Buffer.from(await webcrypto.subtle.digest('SHA-256', Buffer.from('a'))).toString('hex'), crypto.randomUUID().length, crypto.getHashes().length > 10);`,
    contains: 'secret',
  },
  {
    name: 'two Workers and a MessageChannel',
    code: `const { Worker, isMainThread, MessageChannel, receiveMessageOnPort } = require('node:worker_threads'); const sums = [1, 2].map((n) => new Promise((resolve, reject) => new Worker('const { parentPort, workerData } = require("node:worker_threads"); let sum = 0; for (let i = 0; i <= workerData * 1000; i++) sum += i; parentPort.postMessage(sum);', { eval: true, workerData: n }).on('message', resolve).on('error', reject))); Promise.all(sums).then((all) => console.log(isMainThread, all)); const { port1, port2 } = new MessageChannel(); port1.postMessage({ hello: 1 }); console.log(receiveMessageOnPort(port2)); port1.close();`,
    contains: '500500',
  },
  {
    name: 'a Worker of its own file, that logs',
    code: `const { Worker, isMainThread, threadId } = require('node:worker_threads'); if (isMainThread) new Worker(__filename).on('exit', (code) => console.log('exit', code)); else { console.log('in', threadId); process.exit(3); }`,
    contains: 'exit 3',
  },
  {
    name: 'eight Workers at once',
    code: `const { Worker } = require('node:worker_threads'); Promise.all(Array.from({ length: 8 }, (_, i) => new Promise((resolve) => new Worker('setTimeout(() => require("node:worker_threads").parentPort.postMessage(1), 100)', { eval: true }).on('message', resolve)))).then((all) => console.log(all.length));`,
    contains: '8',
  },
  {
    name: 'Buffer',
    code: `console.log(Buffer.from('héllo').toString('hex'), Buffer.from('aGk=', 'base64').toString(), Buffer.concat([Buffer.alloc(2), Buffer.from([1])]), Buffer.byteLength('€'), Buffer.from('ab').readUInt16BE(), btoa('x'), new TextDecoder('utf-16le').decode(new Uint8Array([104, 0])), Buffer.from('x').equals(Buffer.from('x')))`,
    contains: '68c3a9',
  },
  {
    name: 'events and AbortController',
    kind: 'mjs',
    code: `import { EventEmitter, once, on } from 'node:events'; const emitter = new EventEmitter(); setTimeout(() => emitter.emit('done', 1), 1); console.log(await once(emitter, 'done')); const controller = new AbortController(); controller.signal.addEventListener('abort', () => console.log('aborted', controller.signal.reason.name)); controller.abort(); const alive = setTimeout(() => {}, 10_000); try { await once(emitter, 'never', { signal: AbortSignal.timeout(5) }); } catch (error) { console.log(error.name, error.cause?.name); } clearTimeout(alive); const target = new EventTarget(); target.addEventListener('x', (event) => console.log(event.type)); target.dispatchEvent(new Event('x'));`,
    contains: 'AbortError',
  },
  {
    name: 'AsyncLocalStorage and async_hooks',
    code: `const { AsyncLocalStorage, executionAsyncId, createHook, AsyncResource } = require('node:async_hooks'); const storage = new AsyncLocalStorage(); storage.run({ id: 7 }, () => setTimeout(() => Promise.resolve().then(() => console.log(storage.getStore())), 1)); let inits = 0; const hook = createHook({ init() { inits++; } }).enable(); setTimeout(() => {}, 1); hook.disable(); console.log(inits > 0, typeof executionAsyncId(), new AsyncResource('X').runInAsyncScope(() => 1));`,
    contains: 'id: 7',
  },
  {
    name: 'url and querystring',
    code: `const url = new URL('../b?x=1#h', 'https://user:pw@example.org:8080/a/c/'); console.log(url.href, url.searchParams.get('x'), require('node:url').fileURLToPath('file:///a%20b'), require('node:querystring').parse('a=1&a=2'), url, new URLSearchParams({ a: 'ä' }).toString(), URL.canParse('x'))`,
    contains: 'https://user:pw@example.org:8080/a/b?x=1#h',
  },
  {
    name: 'perf_hooks',
    code: `const { performance, PerformanceObserver } = require('node:perf_hooks'); new PerformanceObserver((list, observer) => { console.log(list.getEntries().map(({ name, entryType }) => name + ' ' + entryType)); observer.disconnect(); }).observe({ entryTypes: ['measure'] }); performance.mark('a'); performance.measure('m', 'a'); console.log(typeof performance.now(), performance.timeOrigin > 1e12, typeof performance.eventLoopUtilization().utilization)`,
    contains: 'm measure',
  },
  {
    name: 'util and assert',
    code: `const util = require('node:util'); const assert = require('node:assert'); console.log(util.format('%s %d %j %o', 'a', 1, { b: 2 }, [3]), util.inspect({ a: { b: { c: { d: 1 } } }, m: new Map([[1, 2]]) }, { depth: 4 }), util.styleText('red', 'x'), util.isDeepStrictEqual({ a: 1 }, { a: 1 }), util.parseArgs({ args: ['-f', '--bar', 'b'], options: { f: { type: 'boolean', short: 'f' }, bar: { type: 'string' } } }).values); try { assert.deepStrictEqual({ a: 1 }, { a: 2 }); } catch (error) { console.log(error.message); }`,
    contains: 'Expected values to be strictly deep-equal',
  },
  {
    name: 'the web’s interfaces',
    kind: 'mjs',
    code: `const form = new FormData(); form.set('a', 'b'); console.log([...new Headers({ B: '2', a: '1' })], await new Blob(['x', 'y']).text(), [...form], new Request('http://x/y', { method: 'POST' }).method, await new Response('{"a":1}').json(), typeof WebSocket, navigator.userAgent.startsWith('Node'), typeof CompressionStream, new DOMException('m', 'AbortError').code); const channel = new BroadcastChannel('x'); channel.close();`,
    contains: 'POST',
  },
  {
    name: 'diagnostics_channel, string_decoder, punycode-free idn, dns constants',
    code: `const channel = require('node:diagnostics_channel').channel('x'); channel.subscribe((message) => console.log(message)); channel.publish('published'); const { StringDecoder } = require('node:string_decoder'); const decoder = new StringDecoder(); console.log(decoder.write(Buffer.from([0xe2, 0x82])) + decoder.end(Buffer.from([0xac])), require('node:url').domainToASCII('español.com'), require('node:dns').NOTFOUND)`,
    contains: 'published',
  },
];

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TaskError } from '@runfleet/shared/model/outcome.ts';
import { noInput, type TaskInput } from '@runfleet/shared/model/task-input.ts';
import { ReportCollector } from '../collect/report-collector.ts';
import type { Report } from '../collect/report.ts';
import { toTaskError } from '../collect/task-error.ts';
import {
  bootstrapDirectory,
  nodeArguments,
  startEnvironment,
  workerWarningOf,
} from '../isolation/node-command.ts';
import { createNonce, encodeProgramFrame } from '../prepare/program-frame.ts';

export interface BootstrapRun {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  report: Report;
  /** What is reported of an error, as a client sees it. */
  error: TaskError | null;
  directory: string;
  nonce: string;
}

/** Runs code in a bootstrap with nothing around it but Node's permission model. */
export async function runBootstrap(code: string, input: Partial<TaskInput> = {}): Promise<BootstrapRun> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'runfleet-bootstrap-')));
  const nonce = createNonce();
  const reports = new ReportCollector(nonce);
  const command = {
    bootstrap: bootstrapDirectory,
    directory,
    memoryBytes: 256 * 1024 * 1024,
    writable: [],
    workerWarning: workerWarningOf(process.execPath),
  };
  const child = spawn(process.execPath, nodeArguments(command), {
    cwd: directory,
    env: startEnvironment(directory),
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [stdin, stdout, stderr, channel] = child.stdio as unknown as [Writable, Readable, Readable, Duplex];
  for (const stream of [stdin, channel]) stream.on('error', () => {});
  const ended = once(child, 'close');
  const printed = Promise.all([text(stdout), text(stderr)]);
  const [ready] = (await once(channel, 'data')) as [Buffer];
  if (ready.toString() !== 'ready\n') throw new Error(`Not ready: ${ready.toString()}`);
  channel.on('data', (chunk: Buffer) => reports.add(chunk));
  const program = { taskId: 'task-0', attempt: 1, code, input: { ...noInput, ...input } };
  channel.end(encodeProgramFrame(nonce, program));
  stdin.end(program.input.stdin);

  const [exitCode, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  const [out, err] = await printed;
  await rm(directory, { recursive: true });
  const report = reports.finish();
  const error = report.error && toTaskError(report.error.error, directory, err);
  return { exitCode, signal, stdout: out, stderr: err, report, error, directory, nonce };
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const bootScript = fileURLToPath(new URL('boot.sh', import.meta.url));
export const repository = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/** A systemd that was booted in namespaces of its own; see boot.sh. */
export interface Machine {
  /** Runs a command inside to its end. @throws Error with what it said when it fails */
  run(command: string, ...args: string[]): Promise<string>;
  /** Its processes' ids are others outside; a signal has to be sent inside. Files are the same but for what it changed. */
  write(path: string, content: string): Promise<void>;
  /** Ends it; nothing is left on the host. */
  stop(): Promise<void>;
}

/** Why no machine can be booted here; null when one can. */
export function whyNoMachine(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  for (const tool of ['systemctl', 'systemd-notify', 'unshare', 'nsenter', 'setpriv', 'pgrep', 'bwrap']) {
    if (spawnSync(tool, ['--version']).status !== 0) return `there is no ${tool}`;
  }
  // What a container may not do, and what a kernel may not have.
  const tried = [
    'd=$(mktemp -d)',
    'trap \'umount -lq "$d"; rmdir "$d"\' EXIT',
    'mount -t tmpfs none "$d"',
    'mkdir "$d"/c "$d"/u "$d"/w "$d"/o "$d"/p',
    'mount -t cgroup2 none "$d"/c',
    'mkdir "$d"/c/runfleet-$$ && rmdir "$d"/c/runfleet-$$',
    'mount -t overlay none -o lowerdir=/,upperdir="$d"/u,workdir="$d"/w "$d"/o',
    'mount -t proc none "$d"/p',
  ].join('\n');
  const args = ['-mpiuCf', '--propagation', 'private', 'bash', '-ec', tried];
  const { status, stderr } = spawnSync('unshare', args, { encoding: 'utf8' });
  return status === 0 ? null : `namespaces, mounts or cgroups are not to be had: ${stderr.trim()}`;
}

export async function bootMachine(): Promise<Machine> {
  const outside = spawn('unshare', ['--mount', '--propagation', 'private', bootScript, repository], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exit = once(outside, 'exit');
  const complaints = text(outside.stderr);
  const lines = createInterface(outside.stdout);
  const first = await Promise.race([once(lines, 'line'), exit.then(() => null)]);
  const pid = /^booted (\d+)$/.exec(String(first?.[0]))?.[1];
  if (pid === undefined) throw new Error(`the machine did not boot: ${await complaints}`);

  async function run(input: string, command: string, args: string[]): Promise<string> {
    const enter = ['--target', pid ?? '', '--mount', '--uts', '--ipc', '--pid', '--cgroup', '--root', '--wd'];
    const environment = ['env', '-i', 'PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8'];
    const child = spawn('nsenter', [...enter, ...environment, command, ...args]);
    // Most commands read nothing, and may have ended by now.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    if (child.exitCode !== 0) {
      throw new Error(
        `${[command, ...args].join(' ')} ended with ${child.exitCode ?? child.signalCode}: ${stdout}${stderr}`,
      );
    }
    return stdout;
  }
  return {
    run: (command, ...args) => run('', command, args),
    async write(path, content) {
      await run(content, 'sh', ['-c', 'mkdir -p "${1%/*}" && cat >"$1"', 'sh', path]);
    },
    async stop() {
      outside.stdin.end();
      await exit;
      await complaints;
    },
  };
}

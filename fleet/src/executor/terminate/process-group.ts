/**
 * Kills the child and whatever it has started in its process group. Harmless when they are gone: while any member
 * lives the system does not give the group's id to a new process, and after that there is no such group.
 */
export function killProcessGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: none is left. EPERM: none that we may kill is. Neither is worth a crash of the worker.
  }
}

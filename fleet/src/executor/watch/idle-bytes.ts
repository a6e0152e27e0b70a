/** What Node holds before any code of a task: memory limits are about what comes on top. */
export const idleBytes = 64 * 1024 * 1024;
